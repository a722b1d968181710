"""From text to image: the checker, its diagnostics, the compile cache and the compiler."""

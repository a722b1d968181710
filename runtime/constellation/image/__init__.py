"""The program graph, its canonical bytes and hash, and the image that stores it."""

; Other languages inside: only what comments are written in.

((comment) @injection.content
  (#set! injection.language "comment"))

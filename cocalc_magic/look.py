"""The look of a product that CoCalc is embedded in: a title, a logo and an accent colour, each checked.

Dialogs, forms and the sandbox's sign-in page are drawn with it. A logo is shown as an `img` of a `data:`
address alone, where no script runs; one that has a script in it is refused all the same.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from cocalc_magic.design import COLORS
from cocalc_magic.errors import InvalidValue
from cocalc_magic.sanitize import visible_line
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TITLE = 60  # characters
MAX_LOGO = 200_000  # bytes
LEAST_CONTRAST = 3.0  # of what is drawn in the accent colour (WCAG 2.2, 1.4.11)
_LEAST_TEXT_CONTRAST = 4.5  # of words on it, and of what dark pages make of it (1.4.3)
_WHITE, _BLACK = "#ffffff", "#000000"
_COLOR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_SVG = "image/svg+xml"
_DATA = re.compile(r"data:image/[a-z+]{3,7};base64,([A-Za-z0-9+/]*={0,2})")
_ACTIVE_TAGS = ("script", "foreignobject", "iframe", "object", "embed", "handler", "listener")
_FETCHES = re.compile(r"@import|javascript:|url\(\s*(?![\"'\s]?#)", re.IGNORECASE)
_INNER_ADDRESS = re.compile(r"#|data:image/(?:png|jpeg|gif|webp);base64,")


@dataclass(frozen=True)
class Look:
    """A look that has been checked.

    Args:
        title: The name of the product, on one line.
        logo: A `data:` address, or empty.
        accent: A colour as `#rrggbb`, or empty.
    """

    title: str = ""
    logo: str = ""
    accent: str = ""

    @property
    def accents(self) -> tuple[dict[str, str], dict[str, str]]:
        """The tokens `accent` and `on-accent` for light and for dark pages; empty without a colour."""
        return (_tokens(self.accent), _tokens(_for_dark(self.accent))) if self.accent else ({}, {})


def read(title: str = "", logo: str = "", accent: str = "") -> Look:
    """Return the look of a title, the path of a logo, and a colour. Raises `InvalidValue`."""
    picture = checked_logo(_content(logo), os.path.basename(logo)) if logo else ""
    return Look(checked_title(title), picture, checked_accent(accent))


def of_fields(fields: Mapping[str, Any]) -> Look:
    """Return the look in a JSON object; its logo is a `data:` address. Raises `InvalidValue`."""
    title, logo, accent = (str(fields.get(name) or "") for name in ("title", "logo", "accent"))
    match = _DATA.fullmatch(logo)
    if logo and not match:
        raise InvalidValue("a logo is the data: address of a picture.")
    try:
        content = base64.b64decode(match[1]) if match else b""
    except binascii.Error:
        raise InvalidValue("the data: address of the logo is not base64.") from None
    return Look(checked_title(title), checked_logo(content) if logo else "", checked_accent(accent))


# -- title and logo --------------------------------------------------------------------------------


def checked_title(title: str) -> str:
    """Return a title on one line. Raises `InvalidValue` for one that is too long."""
    line = visible_line(" ".join(title.split()))
    if len(line) > MAX_TITLE:
        raise InvalidValue(f"a title has at most {MAX_TITLE} characters, and this one has {len(line)}.")
    return line


def checked_logo(content: bytes, name: str = "the logo") -> str:
    """Return a picture as a `data:` address.

    Raises:
        InvalidValue: It is too large, is not a picture, or is an SVG that could run or load something.
    """
    if len(content) > MAX_LOGO:
        raise InvalidValue(
            f"{name} is too large for a logo.", f"A logo has at most {MAX_LOGO // 1_000} kB: make it smaller."
        )
    kinds = [kind for kind, signature in _SIGNATURES.items() if signature.match(content)]
    kind = kinds[0] if kinds else _SVG
    if kind == _SVG:
        _check_svg(content, name)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _content(path: str) -> bytes:
    try:
        with typed_path(path).open("rb") as file:
            return file.read(MAX_LOGO + 1)
    except OSError as problem:
        raise InvalidValue(f"the logo {path} cannot be read: {problem.strerror}.") from None


def _check_svg(content: bytes, name: str) -> None:
    """Raise `InvalidValue` unless it is an SVG that neither runs nor loads anything."""
    kinds = "A logo is a PNG, JPEG, GIF, WebP or SVG file."
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content:
        raise InvalidValue(f"{name} is not a picture, or has declarations in it.", kinds)
    try:
        root = ET.fromstring(content)  # noqa: S314 - it has no declarations, so no entities
    except ET.ParseError:
        raise InvalidValue(f"{name} is not a picture.", kinds) from None
    if _local(root.tag) != "svg":
        raise InvalidValue(f"{name} is XML, but not SVG.", kinds)
    for node in root.iter():
        if problem := _active(node):
            raise InvalidValue(f"{name} has {problem} in it.", "Save it as plain SVG, or as PNG.")


def _active(node: ET.Element) -> str:
    """Return what of an element could run or load something; empty if nothing does."""
    tag = _local(node.tag) if isinstance(node.tag, str) else ""
    if tag in _ACTIVE_TAGS:
        return f"<{tag}>"
    if tag == "style" and _FETCHES.search("".join(node.itertext())):
        return "a style that loads something"
    for name, value in node.attrib.items():
        attribute, text = _local(name), value.strip()
        if attribute.startswith("on"):
            return f"the script {attribute}"
        loads = attribute in ("href", "src") and not _INNER_ADDRESS.match(text.lower())
        if loads or _FETCHES.search(text):
            return f"the address {text[:40]!r}"
    return ""


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


# -- the colour ------------------------------------------------------------------------------------


def checked_accent(text: str) -> str:
    """Return a colour as `#rrggbb`.

    Raises:
        InvalidValue: It is not a colour, or cannot be seen on a light page.
    """
    color = text.strip().lower()
    if not color:
        return ""
    if not _COLOR.fullmatch(color):
        raise InvalidValue(f"an accent colour is written as #rrggbb, not {text!r}.", "Write #2b5aa8")
    color = color if len(color) == 7 else "#" + "".join(2 * digit for digit in color[1:])
    seen = contrast(color, COLORS["ground"].light)
    if seen < LEAST_CONTRAST:
        darker = _mixed_until(color, _BLACK, COLORS["ground"].light, LEAST_CONTRAST)
        raise InvalidValue(
            f"{color} is too pale: its contrast on a light page is {seen:.1f}, of {LEAST_CONTRAST:g} needed.",
            f"A darker one of the same kind: {darker}",
        )
    return color


def contrast(color: str, ground: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    dark, light = sorted((_luminance(color), _luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def _for_dark(color: str) -> str:
    """Return the colour for dark pages: as much lighter as it has to be."""
    return _mixed_until(color, _WHITE, COLORS["surface"].dark, _LEAST_TEXT_CONTRAST)


def _tokens(color: str) -> dict[str, str]:
    words = _WHITE if contrast(color, _WHITE) >= _LEAST_TEXT_CONTRAST else _BLACK
    return {"accent": color, "on-accent": words}


def _mixed_until(color: str, other: str, ground: str, least: float) -> str:
    """Return the colour with as little of another in it as gives this contrast on a ground."""
    mixed = (_mixed(color, other, part / 20) for part in range(21))
    return next((shade for shade in mixed if contrast(shade, ground) >= least), other)


def _mixed(color: str, other: str, part: float) -> str:
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


def _luminance(color: str) -> float:
    shares = (value / 255 for value in _channels(color))
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

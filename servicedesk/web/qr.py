"""QR codes as SVG, without a picture to fetch."""

from markupsafe import Markup


def code(text: str, name: str) -> Markup:
    """A QR code of the text, of the CSS class `name`; a quarter may be lost before it cannot be read."""
    # Here, as few pages need it.
    from segno import make

    made = make(text, error="q", micro=False, boost_error=False)
    drawn = made.svg_inline(svgclass=name, lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by us: paths of digits only

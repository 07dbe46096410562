"""QR codes as SVG, without a picture to fetch."""

from markupsafe import Markup

# Of the eight patterns a reader takes any. To try which is the most even takes nine tenths of the
# time of a sheet of labels; for our addresses it is oftenest this one.
_PATTERN = 7


def code(text: str, name: str) -> Markup:
    """A QR code of the text, of the CSS class `name`; a quarter may be lost before it cannot be read."""
    # Here, as few pages need it.
    from segno import make

    made = make(text, error="q", micro=False, boost_error=False, mask=_PATTERN)
    drawn = made.svg_inline(svgclass=name, lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by us: paths of digits only

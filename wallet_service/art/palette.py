"""A whole set of colours out of a background, each made so that it can be seen on what it lies on."""

from __future__ import annotations

from wallet_service.art.colour import BLACK, WHITE, Rgb, apart, luminance, mix

BAR_RATIO = 3.0  # WCAG 1.4.11
TEXT_RATIO = 4.5  # WCAG 1.4.3
LIGHT_TONES = {
    "fill": Rgb(239, 185, 134),
    "endowed": Rgb(253, 238, 216),
    "gained": Rgb(95, 214, 208),
    "strong": Rgb(255, 184, 69),
}
DARK_TONES = {
    "fill": Rgb(60, 34, 20),
    "endowed": Rgb(122, 74, 30),
    "gained": Rgb(0, 92, 74),
    "strong": Rgb(140, 36, 0),
}


def palette(background: Rgb, track: Rgb | None = None) -> dict[str, Rgb]:
    """Keyed by the names of a Theme; a `track` of one's own brings fitting tones."""
    ink = _ink(background)
    track = track or _track(background)
    shades = {"background": background, "track": track}
    return shades | _words(background, ink) | _rewards(background, ink) | _tones(background, track)


def shade(background: Rgb) -> Rgb:
    """The quiet second tone of a ground."""
    return mix(background, _ink(background), 0.035)


def _ink(background: Rgb) -> Rgb:
    return WHITE if luminance(background) < 0.18 else BLACK


def _words(background: Rgb, ink: Rgb) -> dict[str, Rgb]:
    soft = mix(background, ink, 0.65)
    return {
        "foreground": ink,
        "label": apart(soft, ground=background, ratio=TEXT_RATIO, towards=ink),
    }


def _rewards(background: Rgb, ink: Rgb) -> dict[str, Rgb]:
    return {
        "reward": _on_ground(LIGHT_TONES["strong"], background, ink),
        "grey": _on_ground(mix(background, ink, 0.3), background, ink),
    }


def _track(background: Rgb) -> Rgb:
    """Dark, track, fill go up in steps of three to one; on a middling ground the track has to go down."""
    return _on_ground(background, background, WHITE if luminance(background) < 0.083 else BLACK)


def _on_ground(tone: Rgb, background: Rgb, towards: Rgb) -> Rgb:
    """Seen on both tones of the ground."""
    seen = apart(tone, ground=background, ratio=BAR_RATIO, towards=towards)
    return apart(seen, ground=shade(background), ratio=BAR_RATIO, towards=towards)


def _tones(background: Rgb, track: Rgb) -> dict[str, Rgb]:
    """Lighter than ground and track, except on a bright ground, where there is only down left to go."""
    if luminance(background) < 0.36:
        nearer = max(background, track, key=luminance)
        return {
            name: apart(tone, ground=nearer, ratio=BAR_RATIO, towards=WHITE)
            for name, tone in LIGHT_TONES.items()
        }
    return {
        name: apart(tone, ground=track, ratio=BAR_RATIO, towards=BLACK) for name, tone in DARK_TONES.items()
    }

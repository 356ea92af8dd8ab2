"""A whole set of colours out of a background, each made so that it can be seen on what it lies on."""

from __future__ import annotations

from wallet_service.art.colour import BLACK, WHITE, Rgb, apart, luminance, mix

BAR_RATIO = 3.0  # WCAG 1.4.11
TEXT_RATIO = 4.5  # WCAG 1.4.3
LIGHT_TONES = {
    "fill": Rgb(236, 180, 127),
    "endowed": Rgb(253, 238, 216),
    "gained": Rgb(134, 229, 201),
    "strong": Rgb(255, 178, 56),
}
DARK_TONES = {
    "fill": Rgb(60, 34, 20),
    "endowed": Rgb(122, 74, 30),
    "gained": Rgb(0, 92, 74),
    "strong": Rgb(140, 36, 0),
}


def palette(background: Rgb, track: Rgb | None = None) -> dict[str, Rgb]:
    """Keyed by the names of a Theme; a `track` of one's own brings fitting tones."""
    ink = WHITE if luminance(background) < 0.18 else BLACK
    track = track or _track(background)
    shades = {"background": background, "track": track}
    return shades | _words(background, ink) | _rewards(background, ink) | _tones(background, track)


def _words(background: Rgb, ink: Rgb) -> dict[str, Rgb]:
    soft = mix(background, ink, 0.65)
    return {
        "foreground": ink,
        "label": apart(soft, ground=background, ratio=TEXT_RATIO, towards=ink),
    }


def _rewards(background: Rgb, ink: Rgb) -> dict[str, Rgb]:
    return {
        "reward": apart(LIGHT_TONES["strong"], ground=background, ratio=BAR_RATIO, towards=ink),
        "grey": apart(mix(background, ink, 0.3), ground=background, ratio=BAR_RATIO, towards=ink),
    }


def _track(background: Rgb) -> Rgb:
    """Dark, track, fill go up in steps of three to one; on a middling ground the track has to go down."""
    towards = WHITE if luminance(background) < 0.083 else BLACK
    return apart(background, ground=background, ratio=BAR_RATIO + 0.05, towards=towards)


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

"""Which button is the right one for the phone that somebody holds."""

from __future__ import annotations

import re
from enum import StrEnum


class Hand(StrEnum):
    IPHONE = "iphone"
    ANDROID = "android"
    DESKTOP = "desktop"
    MAC = "mac"
    IN_APP_IOS = "in-app-ios"
    IN_APP_ANDROID = "in-app-android"
    OTHER = "other"


IN_APP = re.compile(
    r"Telegram|VKAndroidApp|VKClient|\bVK/|vkShare|Instagram|FBAN|FBAV|FB_IAB|WhatsApp|Viber|\bLine/|MicroMessenger",
    re.IGNORECASE,
)
IOS = re.compile(r"iPhone|iPod|iPad")
ANDROID = re.compile(r"Android|HarmonyOS")
DESKTOP = re.compile(r"Windows NT|Macintosh|X11|CrOS")
MAC = re.compile(r"Macintosh(?!.*(?:Chrome|Firefox)/).*Safari/")
REAL_IOS_BROWSER = re.compile(r"Safari/|CriOS|FxiOS|EdgiOS|YaBrowser|OPT/")
WEB_VIEW = re.compile(r"; wv\)")


def phone_in_hand(agent: str) -> Hand:
    """A browser inside another app hands no pass to Wallet; it has to be opened in a real one.
    Safari on a Mac hands it over to the phone by itself.
    """
    agent = agent[:500]
    if IOS.search(agent):
        real = REAL_IOS_BROWSER.search(agent) and not IN_APP.search(agent)
        return Hand.IPHONE if real else Hand.IN_APP_IOS
    if ANDROID.search(agent):
        inside = IN_APP.search(agent) or WEB_VIEW.search(agent)
        return Hand.IN_APP_ANDROID if inside else Hand.ANDROID
    if MAC.search(agent):
        return Hand.MAC  # an iPad says the same
    return Hand.DESKTOP if DESKTOP.search(agent) else Hand.OTHER

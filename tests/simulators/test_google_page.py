"""The page in a browser: Android's wallet draws the card, moves by itself, and lets nothing become markup."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.simulators.google_issuer import (
    CLASS_ID,
    ISSUER,
    OBJECT_ID,
    Issuer,
    Shop,
    image,
    png,
    rich_class,
    rich_object,
    texts,
)

EVIL = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'


def test_the_card_is_saved_drawn_updated_and_removed(page: Page, member: Issuer, shop: Shop) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(member.google.url)
    expect(page.get_by_role("heading", name="No cards yet")).to_be_visible()
    expect(page.locator("#join")).to_have_attribute("href", "http://127.0.0.1:1/join/x")
    page.goto(member.link())
    expect(page.locator(".hero")).to_have_js_property("naturalWidth", 1032)
    page.get_by_role("button", name="Add to Google Wallet").click()
    expect(page.locator(".program")).to_have_text("Coffee Club")
    expect(page.locator(".row .value").first).to_have_text("7/10")
    expect(page.locator(".row [data-module=progress] .value")).to_have_text("▰▰▰▰▰▰▰▱▱▱ 7 of 10")
    expect(page.locator(".code figcaption")).to_have_text("1234 5678 9012")
    expect(page.locator(".code img")).to_have_js_property("naturalWidth", 150)
    expect(page.locator("#callbacks")).to_contain_text("save")
    hero = page.locator(".hero").get_attribute("src")
    shop.pictures["/hero-8.png"] = (200, png(1032, 336, (0, 0, 0)), "image/png")
    changes = {"loyaltyPoints": {"balance": {"string": "8/10"}}, "heroImage": image(f"{shop.url}/hero-8.png")}
    member.patch(changes | {"notifyPreference": "NOTIFY_ON_UPDATE"})
    expect(page.locator(".row .value").first).to_have_text("8/10")
    expect(page.locator(".banner")).to_contain_text("8/10")
    assert page.locator(".hero").get_attribute("src") != hero
    member.message(2, "TEXT")
    expect(page.locator(".messages")).to_contain_text("Number 2")
    page.get_by_role("button", name="RU").click()
    expect(page.locator(".program")).to_have_text("Кофейный клуб")
    expect(page.locator(".row .label").first).to_have_text("Штампы")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Удалить").click()
    expect(page.get_by_role("heading", name="Карт пока нет")).to_be_visible()
    expect(page.locator("#callbacks")).to_contain_text("del")
    assert member.google.objects()[OBJECT_ID]["hasUsers"] is False
    assert errors == []


def test_cards_lie_behind_each_other(page: Page, member: Issuer, shop: Shop) -> None:
    tea = rich_class(shop.url) | {"id": f"{ISSUER}.tea", "programName": "Tea", "hexBackgroundColor": "#fc0"}
    tea.pop("localizedProgramName")
    tea.pop("classTemplateInfo")
    member.ask("POST", "/loyaltyClass", tea)
    member.ask(
        "POST", "/loyaltyObject", rich_object(shop.url) | {"id": f"{ISSUER}.t", "classId": f"{ISSUER}.tea"}
    )
    member.google.save(member.link())
    member.google.save(member.link(payload={"loyaltyObjects": [{"id": f"{ISSUER}.t"}]}))
    page.goto(member.google.url)
    expect(page.locator(".in-front .program")).to_have_text("Tea")
    expect(page.locator(".in-front")).to_contain_text("Алиса")
    page.locator(".pull").click()
    expect(page.locator(".in-front .program")).to_have_text("Coffee Club")


def test_nothing_in_a_payload_becomes_markup(page: Page, member: Issuer, shop: Shop) -> None:
    evil = {
        "accountName": EVIL,
        "accountId": EVIL,
        "loyaltyPoints": {"label": EVIL, "localizedLabel": None, "balance": {"string": EVIL}},
        "barcode": {"value": EVIL, "alternateText": EVIL},
        "textModulesData": [{"id": "progress", "header": EVIL, "body": f"javascript:alert(1) {EVIL}"}],
        "linksModuleData": {"uris": [{"uri": "https://x.example/'\"><script>", "description": EVIL}]},
        "messages": [{"header": EVIL, "body": EVIL, "localizedBody": texts(EVIL, EVIL)}],
    }
    assert member.patch(evil).status_code == 200
    named = {
        "reviewStatus": "UNDER_REVIEW",
        "programName": EVIL,
        "localizedProgramName": None,
        "issuerName": EVIL,
    }
    assert member.ask("PATCH", f"/loyaltyClass/{CLASS_ID}", named).status_code == 200
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(member.link())
    expect(page.locator(".program")).to_have_text(EVIL)
    assert page.title() == "Save to Google Wallet"
    page.get_by_role("button", name="Add to Google Wallet").click()
    expect(page.locator(".program")).to_have_text(EVIL)
    expect(page.locator("#details")).to_contain_text("<script>")
    member.message(3)
    expect(page.locator(".banner")).to_be_visible()
    assert page.title() == "Android · Google Wallet"
    assert page.locator(".screen script, .screen a[href^='javascript']").count() == 0
    assert errors == []


def test_a_refused_link_says_why(page: Page, member: Issuer) -> None:
    page.goto(member.link(aud="facebook"))
    expect(page.get_by_role("heading")).to_contain_text("Something went wrong")
    expect(page.locator("#reason")).to_contain_text("aud must be the string google")
    page.get_by_role("link").click()
    page.get_by_role("textbox").fill("https://pay.google.com/gp/v/save/a.b.c")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("base64url")


def test_the_page_fits_a_narrow_window(page: Page, member: Issuer) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(member.link())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Add to Google Wallet").click()
    expect(page.locator(".in-front")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_rotating_barcode_turns_by_itself(page: Page, member: Issuer) -> None:
    key = {"key": "31" * 20, "valueLength": 8}
    details = {"algorithm": "TOTP_SHA1", "periodMillis": "700", "parameters": [key]}
    member.patch(
        {"rotatingBarcode": {"type": "QR_CODE", "valuePattern": "{totp_value_0}", "totpDetails": details}}
    )
    member.google.save(member.link())
    page.goto(member.google.url)
    expect(page.locator(".code img")).to_be_visible()
    before = page.locator(".code img").get_attribute("src") or ""
    expect(page.locator(".code img")).not_to_have_attribute("src", before)

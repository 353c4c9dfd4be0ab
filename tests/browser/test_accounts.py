"""Somebody is let in, comes in and sets a password; a program gets its token."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT, Served

PASSWORD = "correct horse battery"


def test_an_admin_lets_somebody_in_who_sets_a_password_and_comes_back(
    reader: Page, browser: Browser, served: Served
) -> None:
    reader.goto("/accounts")
    reader.locator("form.card input[name=name]:not([type=hidden])").fill("Grace")
    reader.locator("form.card select[name=role]").select_option("editor")
    reader.get_by_role("button", name="Add, and make a login link").click()
    link = reader.locator(".made code").inner_text()
    context = browser.new_context(base_url=served.address)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(link)
    page.get_by_role("link", name="Grace").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Grace")).to_be_visible()
    context.close()


def test_a_token_is_made_and_revoked(reader: Page) -> None:
    reader.goto("/account")
    reader.get_by_label("Name").fill("wall screen")
    reader.get_by_role("button", name="Make").click()
    expect(reader.locator(".made pre")).to_have_text(re.compile(r"tl_[0-9a-f]{12}_\S{43}"))
    reader.get_by_role("button", name="Revoke wall screen").click()
    expect(reader.get_by_role("row", name="wall screen")).to_contain_text("revoked")

"""The pages as an app that can be installed: manifest, icons, and a page for offline."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from attendance.web.assets import EXTENSION
from tests.browser.conftest import Site, Visitors, until_connected
from tests.conftest import code_of
from tools import icons

pytestmark = pytest.mark.any_database


@pytest.fixture
def site_settings() -> dict[str, str]:
    return {"school_name": "Lyceum"}


def test_the_manifest_speaks_the_language_and_names_the_school(site: Site) -> None:
    french = site.api.get("/manifest/fr.webmanifest")
    assert french.mimetype == "application/manifest+json"
    described = french.get_json(force=True)
    assert (described["name"], described["lang"]) == ("Présences · Lyceum", "fr")
    assert described["dir"] == "ltr"
    assert site.api.get("/manifest/ar.webmanifest").get_json(force=True)["dir"] == "rtl"
    assert code_of(site.api.get("/manifest/xx.webmanifest"))[0] == 404
    for icon in described["icons"]:
        answer = site.api.get(icon["src"])
        assert answer.status_code == 200, icon
        data = answer.data
        answer.close()
        if icon["type"] == "image/png":
            size = Image.open(io.BytesIO(data)).size
            assert icon["sizes"] == f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("name", icons.ICONS)
def test_the_icons_are_what_the_script_draws(name: str) -> None:
    how = icons.ICONS[name]
    drawn = Image.open(io.BytesIO(icons.drawn(how["side"], full=bool(how["full"]))))
    with Image.open(icons.FOLDER / name) as kept:
        assert kept.size == drawn.size
        assert kept.convert("RGBA").getpixel((90, 90)) == drawn.convert("RGBA").getpixel((90, 90))


def test_without_a_network_a_page_says_so_and_goes_on_by_itself(
    visitors: Visitors, site: Site
) -> None:
    student = site.api.student(name="Ben Oduya")
    page = visitors.open("/my", by=student, service_workers="allow", locale="fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Ben Oduya")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    until_connected(page)
    page.context.set_offline(True)
    page.goto("/my/attendance")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de connexion")
    assert "Ben Oduya" not in page.content()
    kept = page.evaluate(
        """async () => {
            const all = await Promise.all((await caches.keys()).map(async (name) => {
                const kept = await (await caches.open(name)).keys();
                return kept.map(({ url }) => new URL(url).pathname);
            }));
            return all.flat();
        }"""
    )
    version = site.app.extensions[EXTENSION].version
    assert "/offline/fr" in kept
    assert [
        path for path in kept if not path.startswith((f"/assets/{version}/", "/offline/"))
    ] == []
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes présences")

"""Names in the pages: folded and put in order as the server does it."""

from __future__ import annotations

from database import naming
from tests.browser.conftest import Site, Visitors

NAMES = [
    "José García", "Anna Straße", "STRAẞE", "Łukasz Wałęsa", "Søren Ærø", "İstanbul Işık",
    "Conor O’Brien", "\u0639\u0644\u064a \u0643\u0631\u064a\u0645", "\u06a9\u0631\u06cc\u0645",
    "\u0623\u064e\u062d\u0645\u0640\u062f", "\u0641\u0627\u0637\u0645\u0629",
    "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "Семёнов Йован", "ΑΔΩΝΙΣ Ιωάννης", "ヤマダ",
    "कोमल क्षत्रिय", "สมชาย", "김철수", "Nguyễn Thị Ánh", "\u0661\u0662 \u06f3\u06f4 \u0967",
    "Ｆｕｌｌ Ｗｉｄｔｈ", "ﬁ",
]  # fmt: skip

FOLD = """async (names) => {
  const base = [...document.scripts].map(({ src }) => src).find((src) => src.includes("/js/"));
  const search = await import(base.replace(/js\\/.*$/, "js/common/search.js"));
  return names.map((name) => search.folded(name));
}"""
SORT = FOLD.replace("names.map((name) => search.folded(name))", "names.sort(search.byName)")

NAMED = """async (courses) => {
  const base = [...document.scripts].map(({ src }) => src).find((src) => src.includes("/js/"));
  const names = await import(base.replace(/js\\/.*$/, "js/common/names.js"));
  return courses.map(([name, section]) => names.courseName({ name, section }));
}"""


def test_the_pages_fold_names_as_the_server_does(visitors: Visitors, site: Site) -> None:
    page = visitors.open("/teach", by=site.api.teacher(), phone=False)
    found = page.evaluate(FOLD, NAMES)
    assert dict(zip(NAMES, found, strict=True)) == {name: naming.folded(name) for name in NAMES}


def test_the_pages_put_the_family_name_first(visitors: Visitors, site: Site) -> None:
    people = [
        {"name": "Ann de Vries", "family_name": "de Vries"},
        {"name": "Zoe Ärzte", "family_name": "Ärzte"},
        {"name": "Nagy Bea", "family_name": "Nagy"},
        {"name": "Mia", "family_name": None},
    ]
    page = visitors.open("/teach", by=site.api.teacher(), phone=False)
    found = [person["name"] for person in page.evaluate(SORT, people)]
    said = page.evaluate(NAMED, [["Mathematics 10b", "10b"], ["Mathematics", "10b"], ["M", None]])
    assert said == ["Mathematics 10b", "Mathematics · 10b", "M"]
    assert found == ["Zoe Ärzte", "Ann de Vries", "Mia", "Nagy Bea"]

"""Which column of a school's list holds what, by the names that columns have in many languages and
in the exports of other programs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from attendance.spreadsheets.reading import TableRow

# A title and some remarks may stand above the column names.
HEADER_WITHIN = 25
FIELDS = (
    *("student_id", "name", "given_name", "family_name", "email", "username"),
    *("guardian_email", "guardian_name", "tutor_email"),
)
# Names as letters and digits only, without accents, in small, the plainest first: where a file has
# both "No." and "Student ID", the first is a running number.
_NAMES = {
    "student_id": (
        # exports: Untis, OneRoster, Canvas
        "externerschlussel externkey externeid externid identifier sisuserid sisid "
        "schlusselextern "
        "studentid studentno studentnr studentnumber studentcode matriculationnumber "
        "matriculationno matriculation matricno matric matrikelnummer matrikelnr matrnr "
        "schulernummer schulernr studierendennummer teilnehmernummer personalnummer "
        "registrationnumber registrationno registration regno rollnumber rollno roll "
        "admissionnumber admissionno enrolmentno enrollmentno pupilid pupilnumber upn "
        "schulerid schuelerid schuelernummer mtknr matrnummer interneidnummer elevid elevnummer "
        "personnummer numerodidentification numeroeleve numerodeleve ideleve numerodeid "
        "nodealuno numerodoaluno numeroaluno codicestudente numerodestudiante "
        "numeroetudiant numetudiant netudiant numerodetudiant ine matricule "
        "numerodeestudiante matricula numerodematricula expediente legajo "
        "numerodealuno numeromatricola matricola "
        "studentnummer leerlingnummer leerlingnr stamnummer studienummer "
        "numeralbumu nralbumu numerlegitymacji cislostudenta osobnicislo evidencnicislo "
        "neptunkod hallgatoikod oktatasiazonosito numarmatricol numarulmatricol "
        "ogrencino ogrenciid номерстуденческого номерстуденческогобилета студенческийбилет "
        "ogrencinumarasi okulno номерстудента номерзачетки табельныйномер "
        "номерзачетнойкнижки номерученика номерстудентськогоквитка αριθμοςμητρωου "
        "学号 學號 学籍番号 学生番号 学籍號 학번 شمارهدانشجویی رقمالطالب מספרסטודנט "
        "masosinhvien masv mssv idnumber idnummer idno "
        "numeroidentificacion employeeid userid sourcedid sid id number no "
        "nummer nr numero num"
    ),
    "name": (
        "name fullname studentname displayname vollstandigername namevorname vornamename "
        "schulername student sortablename lernende nomcomplet nometprenom nomprenom "
        "nombrecompleto nombreyapellidos apellidosynombre nomecompleto nomeecognome "
        "cognomeenome volledigenaam naam navn namn nimi imieinazwisko imieinazwisko "
        "nazwiskoiimie celejmeno jmenoaprijmeni prijmeniajmeno menoapriezvisko nev teljesnev "
        "numecomplet numesiprenume adsoyad adisoyadi фио полноеимя піб ονοματεπωνυμο 氏名 "
        "学生姓名 姓名 성명 이름 نامونامخانوادگی نامکامل الاسم الاسمالكامل שםמלא hovaten hoten"
    ),
    "given_name": (
        "firstname givenname givennames forename vorname vornamen rufname first prenom prenoms "
        "nome nombre nombres primernombre nomeproprio primeironome voornaam roepnaam fornavn "
        "fornamn etunimi imie imiona jmeno meno ime "
        "keresztnev utonev prenume ad adi имя имʼя ім’я імя "
        "ονομα 名 名字 名前 이름 نام الاسمالأول שםפרטי ten"
    ),
    "family_name": (
        "lastname surname familyname langname longname nachname familienname zuname last nom "
        "nomdefamille apellido apellidos primerapellido cognome sobrenome apelido ultimonome "
        "achternaam etternavn efternavn efternamn sukunimi nazwisko prijmeni priezvisko prezime "
        "vezeteknev csaladnev numedefamilie numefamilie soyad soyadi фамилия прізвище επωνυμο "
        "姓 姓氏 성 نامخانوادگی اسمالعائلة שםמשפחה ho hovatendem"
    ),
    "email": (
        "email emailaddress emailid schoolemail studentemail emailadresse mailadresse "
        "emailadressen schulmail addressemail mailaddress adresseemail adressemail "
        "adresseelectronique "
        "adressedemessagerie adressedecourriel courriel correoelectronico "
        "correo direcciondecorreo enderecodeemail "
        "indirizzoemail postaelettronica emailadres epost epostadresse epostadress sahkoposti "
        "adresemail adresemailowy epocta elektronickaposta emailcim eposta epostaadresi "
        "электроннаяпочта почта емейл електроннапошта ηλεκτρονικηδιευθυνση 邮箱 电子邮件 "
        "電子郵件 メールアドレス メール 이메일 ایمیل البريدالإلكتروني דואל primaryemail workemail "
        "mail emails"
    ),
    "username": "username login account accountname loginname loginid "
    "benutzername anmeldename kennung sisloginid "
    "nomdutilisateur identifiant nombredeusuario usuario nomeutente gebruikersnaam "
    "uzivatelskejmeno nazwauzytkownika felhasznalonev kullaniciadi логин",
    "guardian_email": (
        "guardianemail guardianemailaddress guardiansemail guardian1email emailguardian "
        "parentemail parentemailaddress parentsemail parent1email emailparent emailparents "
        "careremail caregiveremail motheremail fatheremail "
        "erziehungsberechtigteemail erziehungsberechtigteremail emailerziehungsberechtigte "
        "emailerziehungsberechtigter emailerziehungsberechtigten emaildererziehungsberechtigten "
        "emaildeserziehungsberechtigten elternemail emaileltern emaildereltern elternmail "
        "emailadresseeltern emailadressedereltern emailsorgeberechtigte sorgeberechtigteemail "
        "emaildesparents emailduparent courrieldesparents courrielparent courrielparents "
        "emailduresponsable emailresponsable emailresponsablelegal emailduresponsablelegal "
        "courrielduresponsable adresseemaildesparents adresseemailduresponsable "
        "emaildelospadres emailpadres emailgenitori emailgenitore "
        "بريدوليالأمر بريدوليأمر البريدالإلكترونيلوليالأمر"
    ),
    "guardian_name": (
        "guardianname guardian guardians guardian1name nameofguardian parentname parent parents "
        "parent1name parentsname erziehungsberechtigter erziehungsberechtigte "
        "nameerziehungsberechtigte nameerziehungsberechtigter namedererziehungsberechtigten "
        "namedeserziehungsberechtigten eltern nameeltern namedereltern sorgeberechtigte "
        "nomdesparents nomduparent nomduresponsable responsable responsablelegal "
        "nomduresponsablelegal وليالأمر اسموليالأمر"
    ),
    # with the word for an address: columns of names are the more usual ones
    "tutor_email": (
        "tutoremail tutoremailaddress emailtutor classteacheremail formteacheremail "
        "formtutoremail homeroomteacheremail klassenleitungemail emailklassenleitung "
        "emailderklassenleitung klassenlehreremail emailklassenlehrer emailklassenlehrerin "
        "klassenvorstandemail emailprofesseurprincipal emailduprofesseurprincipal "
        "courrielduprofesseurprincipal بريدالمرشد بريدمربيالصف"
    ),
}
# Where the family name is said first; in these scripts without a space.
_FAMILY_FIRST = frozenset(["vezeteknev", "csaladnev", "姓", "姓氏", "성", "ho"])
# Words for a given name that also mean the whole, where nothing else of a name stands there.
_ALONE = frozenset(
    ["nombre", "nombres", "ime", "jmeno", "meno", "имя", "نام", "이름", "名前", "nom", "ad"]
)
# Names in these columns are "Lee, Ann" (Canvas, OneRoster).
_SORTABLE = frozenset(["student", "sortablename", "nazwiskoiimie"])
_LAST_FIRST = re.compile(r"\(\s*last\b.*\bfirst\b", re.IGNORECASE)
# What stands between given and family name in a column of its own ("de", "van der").
_INFIXES = ("tussenvoegsel", "tussenvoegsels", "voorvoegsel", "voorvoegsels")
_REQUIRED = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*")


def plain(header: str) -> str:
    """A column's name as it is looked up: letters and digits, without accents, in small."""
    bare = _REQUIRED.sub("", header) or header
    decomposed = unicodedata.normalize("NFKD", bare.casefold().replace("ı", "i"))
    special = str.maketrans("øłđðßæœ", "oldds__")
    letters = "".join(filter(str.isalnum, decomposed.translate(special)))
    return unicodedata.normalize("NFKC", letters)


def _words() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for name, words in _NAMES.items():
        for rank, word in enumerate(words.split()):
            found.setdefault(plain(word), []).append((name, rank))
    return found


_BY_WORD = _words()


@dataclass(frozen=True)
class Columns:
    """Where the columns of a list are: `used` by field, `headers` all that stand there."""

    row: int
    headers: list[str]
    used: dict[str, int]
    only_known: bool = False
    family_first: bool = False
    sortable: bool = False
    others: dict[str, int] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, str]:
        """The header of each field."""
        return {name: self.headers[column] for name, column in self.used.items()}

    @property
    def unused(self) -> list[str]:
        """The headers of columns that are not used."""
        taken = {*self.used.values(), *self.others.values()}
        return [
            header for column, header in enumerate(self.headers) if header and column not in taken
        ]


def found(rows: list[TableRow], given: dict[str, str | None] | None = None) -> Columns | None:
    """Where the column names stand, and which column holds what.

    Args:
        rows: of the file.
        given: the header of each field that somebody has chosen; None: this field has none.
    """
    for place, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        columns = _judged(place, cells, rows[place + 1 :], given or {})
        if columns is not None:
            return columns
    return None


def _judged(
    place: int, cells: list[str], below: list[TableRow], given: dict[str, str | None]
) -> Columns | None:
    chosen = {name: header for name, header in given.items() if header is not None}
    if not set(chosen.values()) <= set(cells):
        return None
    words = [_word(cell) for cell in cells]
    used = {name: cells.index(header) for name, header in chosen.items()}
    ranked: list[tuple[int, int, str]] = sorted(
        (rank, column, name)
        for column, word in enumerate(words)
        for name, rank in _BY_WORD.get(word, ())
        if column not in used.values()
    )
    filled = _filled(below, len(cells))
    for _, column, name in sorted(ranked, key=lambda one: (one[1] not in filled, *one)):
        if name not in used and name not in given and column not in used.values():
            used[name] = column
    _settle_names(used, words, given)
    if "guardian_email" not in used:
        used.pop("guardian_name", None)  # nobody who could be written to
    is_enrolments = "usersourcedid" in words and "role" in words
    if is_enrolments and "student_id" not in given:
        used["student_id"] = words.index("usersourcedid")
    if "student_id" not in used and "username" in used and "student_id" not in given:
        used["student_id"] = used.pop("username")
    has_name = "name" in used or {"given_name", "family_name"} <= used.keys()
    # Google Classroom names nobody but by the address; where a column is left, it may be a number
    is_whole = len(set(used.values())) == sum(map(bool, cells))
    if "student_id" not in used and has_name and "email" in used and is_whole:
        used["student_id"] = used["email"]
    if "student_id" not in used or not (has_name or is_enrolments):
        return None
    return Columns(
        place,
        cells,
        used,
        only_known=is_enrolments and not has_name,
        family_first=words[used.get("family_name", 0)] in _FAMILY_FIRST,
        sortable="name" in used
        and (words[used["name"]] in _SORTABLE or bool(_LAST_FIRST.search(cells[used["name"]]))),
        others=_others(words, is_enrolments or "enableduser" in words or "sourcedid" in words),
    )


def _word(header: str) -> str:
    """A header as it is looked up: with what stands in brackets, where only that is known."""
    word, whole = plain(header), plain(re.sub(r"[\[\]()]", " ", header))
    return whole if word not in _BY_WORD and whole in _BY_WORD else word


def _others(words: list[str], has_roles: bool) -> dict[str, int]:
    """Columns that are no field and count all the same."""
    counting = {*_INFIXES, *(("role", "status", "rolle") if has_roles else ())}
    return {word: column for column, word in enumerate(words) if word in counting}


def family_name(family: str, others: dict[str, str]) -> str:
    """The family name with what stands before it in a column of its own."""
    infix = next((others[word] for word in _INFIXES if others.get(word)), "")
    return f"{infix} {family}".strip() if family else family


def _filled(below: list[TableRow], columns: int) -> set[int]:
    """Which columns hold anything."""
    return {
        column
        for column in range(columns)
        if any(column < len(cells) and cells[column] for _, cells in below)
    }


def _settle_names(
    used: dict[str, int],
    words: list[str],
    given: dict[str, str | None],
) -> None:
    """Of "Name" beside one of "Vorname" and "Surname", the one that is missing."""
    if "name" in given:
        return
    if "name" not in used:
        alone = {"given_name", "family_name"} & used.keys()
        if len(alone) == 1 and (part := alone.pop()) not in given and words[used[part]] in _ALONE:
            used["name"] = used.pop(part)
        return
    if {"given_name", "family_name"} <= used.keys():
        del used["name"]
    elif "given_name" in used and "family_name" not in given:
        used["family_name"] = used.pop("name")
    elif "family_name" in used and "given_name" not in given:
        used["given_name"] = used.pop("name")


def joined(columns: Columns, given: str, family: str, whole: str) -> str:
    """A person's name of its parts, in the order in which it is said."""
    if not (given or family):
        if columns.sortable and whole.count(",") == 1:
            last, first = (part.strip() for part in whole.split(","))
            return f"{first} {last}".strip()
        return whole
    if given and family and _is_east_asian(given + family):
        return family + given
    parts = (family, given) if columns.family_first else (given, family)
    return " ".join(part for part in parts if part)


def family_of(columns: Columns, family: str, whole: str) -> str | None:
    """The family name, where a column tells it."""
    if columns.sortable and not family and whole.count(",") == 1:
        return whole.partition(",")[0].strip() or None
    return family or None


def _is_east_asian(text: str) -> bool:
    return all(
        unicodedata.name(character, "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))
        for character in text
    )

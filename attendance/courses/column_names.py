"""What the columns of schools' lists are called, in many languages and in the exports of other
programs. No I/O.

A header is looked up whole first; then without the words that say whose it is ("of the student",
"legal"), so that "FAMILY_NAME_OF_STUDENT" and "Schülerin-Nr." need not stand here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Names as letters and digits only, without accents, in small, the plainest first: where a file has
# both a user's number and a student's, the student's counts.
_NAMES = {
    "student_id": (
        # exports: Untis, OneRoster, Canvas, Brightspace, PeopleSoft, SIMS
        "externerschlussel externkey externeid externid identifier sisuserid sisid "
        "schlusselextern orgdefinedid emplid admissionno admno admissionnumber upn "
        "matriculationnumber matriculationno matriculation matricno matric matricnumber "
        "matrikelnummer matrikelnr matrnr matrnummer mtknr nomatrik nomatriks nombormatrik "
        "personalnummer registrationnumber registrationno registration regno regnumber "
        "rollnumber rollno roll usn prn universityrollno hallticketno "
        "enrolmentno enrollmentno enrolmentnumber enrollmentnumber interneidnummer "
        "personnummer kennitala isikukood pesel jmbag jmbg jmb numerodidentification "
        "codicestudente numetudiant netudiant ine ine2 nationalid identifiantnational matricule "
        "apogee codeapogee noapogee napogee numeroapogee numapogee codeine codepermanent "
        "matricula numerodematricula expediente legajo nia nie dni rut rne ra rgm niub niu "
        "padron boleta nodecontrol numerodecontrol nocontrol carnet carne "
        "numeromatricola matricola ncarta stamnummer stamnr studienummer "
        "numeralbumu nralbumu albumu indeks nrindeksu numerindeksu numerlegitymacji "
        "osobnicislo evidencnicislo uco neptunkod omazonosito oktatasiazonosito torzsszam "
        "numarmatricol numarulmatricol studentaapliecibasnumurs "
        "studentaapliecibasnr nrmatricol nrmat brojindeksa indeksbroj "
        "бројиндекса индекс vpisnastevilka stevilkavpisa evidencnastevilka maticnibroj "
        "факултетенномер фн фномер okulno "
        "номерстуденческого номерстуденческогобилета студенческийбилет студбилет "
        "номерзачетки зачетка табельныйномер номерзачетнойкнижки лицевойномер личноедело "
        "номерстудентськогоквитка номерзаликовоикнижки заликовакнижка номерзаліковоїкнижки "
        "αριθμοςμητρωου αρμητρωου αμ αεμ μητρωο "
        "学号 學號 学籍番号 学生番号 学籍號 학번 شمارهدانشجویی شمارهدانشآموزی "
        "رقمالطالب الرقمالجامعي "
        "رقمالقيد الرقمالأكاديمي رقمالتسجيل رقمالهوية "
        "כרטיססטודנט מספרסטודנט מספרתלמיד תעודתזהות תז "
        "masosinhvien masinhvien mahocsinh masv mssv nim nis nisn nomorinduk nomorindukmahasiswa "
        "nomorinduksiswa npm รหัสนักศึกษา รหัสนักเรียน รหัสนิสิต เลขประจำตัว เลขประจำตัวนักเรียน "
        "अनुक्रमांक रोलनंबर नामांकनसंख्या রোল রোলনম্বর আইডি "
        "idnumber idnummer idno numeroidentificacion numerodeid numerodeidentificacion "
        "studentid studentnumber studentcode rhifmyfyriwr employeeid otherid "
        "benutzerid nutzerid userid sourcedid"
    ),
    "name": (
        "name fullname displayname completename studentname vollstandigername namevorname "
        "vornamename sortablename lernende "
        "nomcomplet schulername leerlingnaam elevnavn elevnamn nominativo nomecompleto "
        "nombrecompleto "
        "volledigenaam naam navn namn nimi nafn celejmeno cijeloime punoime teljesnev nev "
        "numecomplet adsoyad adisoyadi adivesoyadi fio фио полноеимя піб пиб "
        "ονοματεπωνυμο ονοματεπωνυμον 氏名 学生姓名 姓名 성명 이름 نامونامخانوادگی نامکامل "
        "الاسم الاسمالكامل اسمالطالب שםמלא שםהתלמיד hovaten hoten nama namalengkap "
        "namapenuh namasiswa namamahasiswa ชื่อสกุล ชื่อนามสกุล नाम पूरानाम নাম jina enw"
    ),
    "given_name": (
        "firstname givenname givennames forename forenames vorname vornamen rufname first prenom "
        "prenoms nombre nombres primernombre nome nomeproprio primeironome voornaam voornamen "
        "roepnaam fornavn fornamn etunimi etunimet eiginnafn imie imiona jmeno meno ime "
        "keresztnev utonev prenume vardas vards eesnimi ad adi имя имʼя ім’я ім'я імя име "
        "ονομα 名 名字 名前 이름 نام نامکوچک الاسمالأول שםפרטי ten ชื่อ "
        "enwcyntaf enwaucyntaf izena emri первоеимя nom"
    ),
    "family_name": (
        "lastname surname familyname langname longname nachname familienname zuname last "
        "cognoms cognom abizenak abizena cyfenw apellido apellidos primerapellido apellido1 "
        "apellidopaterno paterno nomdusage nomusage nomdefamille nomfamille nom nume "
        "cognome cognomi prezime "
        "sobrenome apelido apelidos ultimonome achternaam etternavn efternavn efternamn "
        "sukunimi kenninafn nazwisko prijmeni priezvisko priimek pavarde uzvards perekonnanimi "
        "vezeteknev csaladnev numedefamilie numefamilie soyad soyadi soyisim mbiemri "
        "фамилия прізвище прізвище презиме επωνυμο επιθετο 姓 姓氏 성 نامخانوادگی اسمالعائلة "
        "اللقب الكنية שםמשפחה ho hovatendem hodem hovadem นามสกุล สกุล"
    ),
    "email": (
        "email emailaddress emailid schoolemail studentemail emailadresse mailadresse "
        "emailadressen schulmail addressemail mailaddress adresseemail adressemail "
        "adresseelectronique adressedemessagerie adressedecourriel adressecourriel courriel "
        "correoelectronico correo correuelectronic direcciondecorreo enderecodeemail "
        "indirizzoemail postaelettronica emailadres epost epostadresse epostadress epostaadress "
        "sahkoposti sahkopostiosoite netfang adresemail adresemailowy epocta elektronickaposta "
        "emailcim eposta epostaadresi elpastas epasts elpostas epostinaslov emaila emel surel "
        "электроннаяпочта почта емейл имейл електроннапошта електроннапоща ηλεκτρονικηδιευθυνση "
        "邮箱 电子邮箱 电子邮件 電子郵件 信箱 メールアドレス メール 이메일 ایمیل البريدالإلكتروني "
        "الإيميل דואל thudientu อีเมล อีเมล์ ईमेल ইমেইল ebost baruapepe "
        "primaryemail workemail mail emails"
    ),
    "username": "username login account accountname loginname loginid "
    "benutzername nutzername nutzerkennung benutzerkennung anmeldename kennung sisloginid "
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
# Words for a number of anything: the student's where nothing better stands there, or where they
# stand beside a word for students.
_NUMBERS = (
    "sid id number no nummer nr numero num numret nombor nomor numer numeris numurs numar numara "
    "numarasi numarul cislo broj stevilka zenbakia code kod kood koodi codigo codice kennung "
    "номер код номері רמ 번호 番号"
)
_BARE_NUMBERS = _set("sid id number no nummer nr numero num номер zenbakia")
_STUDENTS = _set(
    "student students stud studenten studierende studierender studierenden schuler schulers "
    "schulerin schulerinnen schueler schuelerin pupil pupils learner learners child candidate "
    "participant participants teilnehmer teilnehmerin teilnehmende lernender lernenden "
    "eleve eleves etudiant etudiante etudiants apprenant "
    "alumno alumnos alumna alumnado estudiante estudiantes aluno alunos aluna alumne alumnes "
    "estudante estudantes estudiant studente studenti studentessa alunno alunni allievo "
    "leerling leerlingen elev elever elevens elevului studerende studerandes studentens "
    "opiskelija opiskelijan oppilas oppilaan nemandi nemanda uczen ucznia uczniowie studenta "
    "studentului zak zaka ziak ziaka tanulo hallgato ucenik ucenika ucenec dijak dijaka "
    "ogrenci ogrencinin mokinys mokinio studentas studento skolens skolena opilane opilase opilas "
    "uliopilane uliopilase uliopilas siswa mahasiswa pelajar murid ikaslea myfyriwr mwanafunzi "
    "студент студента студентки ученик ученика учень учня ученици μαθητης μαθητη φοιτητης "
    "φοιτητη טלמיד תלמיד סטודנט الطالب طالب الطالبة دانشجو छात्र विद्यार्थी 学生 學生 학생"
)
# What a name is besides; and small words.
_BESIDES = _set(
    "legal preferred usual official chosen known birth passport usage naissance "
    "rechtlicher amtlicher of the de des du del della dei di da do dos das la le les l d der "
    "die den dem von vom van s for as in per el los las en i u"
)
_AND = _set("and und et y e ja og och en a si va i ve и та й")
# A name is said with the family's first in the languages of these words.
FAMILY_FIRST = _set("vezeteknev csaladnev 姓 姓氏 성 ho hodem hovadem hovatendem")
# What stands between given and family name in a column of its own ("de", "van der").
INFIXES = (
    *("tussenvoegsel", "tussenvoegsels", "tussenv", "tv"),
    *("voorvoegsel", "voorvoegsels", "namenszusatz", "vorsatzwort", "namensvorsatz"),
)
# A second family name, which follows the first.
SECONDS = (
    *("segundoapellido", "apellido2", "apellidomaterno", "materno"),
    *("secondsurname", "secondlastname", "secondfamilyname"),
)
# Rank of a header that is only known without the words beside it, and of a number of anything.
_REDUCED, _ANYTHING = 1000, 2000
# A header of more words than these tells no order of names; a student's word has so many letters.
MOST_PARTS, SHORTEST = 3, 4
LONGEST = 120  # no column's name has more characters
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile("(?<=[\u0400-\u04ff])['ʼ’](?=[\u0400-\u04ff])")  # ім'я is one word
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# letters that do not decompose, or that are written without their mark
_LETTERS = str.maketrans("øłđðßæœı", "oldds__i")


def plain(header: str) -> str:
    """A column's name as it is looked up: letters and digits, without accents, in small."""
    bare = _BRACKETS.sub("", header) or header
    decomposed = unicodedata.normalize("NFKD", bare.casefold().replace("ı", "i"))
    letters = "".join(filter(str.isalnum, decomposed.translate(_LETTERS)))
    return unicodedata.normalize("NFKC", letters)


def word_of(header: str) -> str:
    """A header as it is looked up: with what stands in brackets, where only that is known."""
    word, whole = plain(header), plain(re.sub(r"[\[\]()]", " ", header))
    return whole if word not in _BY_WORD and whole in _BY_WORD else word


@lru_cache(maxsize=4096)
def fields_of(header: str) -> tuple[tuple[int, str], ...]:
    """What a column of this name may hold, each with its rank: the lower, the surer."""
    if len(header) > LONGEST:
        return ()
    exact = _BY_WORD.get(word_of(header))
    if exact:
        return exact
    words = _words(header)
    theirs = [word for word in words if word not in _STUDENTS]
    left = "".join(word for word in theirs if word not in _BESIDES)
    if len(theirs) < len(words):
        if not left:
            return ((_REDUCED, "name"),)
        if left in _OF_ANYTHING:
            return ((_REDUCED, "student_id"),)
    if order_of(header) is not None:
        return ((_REDUCED, "name"),)
    return tuple((_REDUCED + rank, name) for rank, name in _BY_WORD.get(left, ()))


@lru_cache(maxsize=4096)
def order_of(header: str) -> str | None:
    """Which part of a name stands first in a column of whole names, "family" or "given", where its
    header says so ("Nachname, Vorname", "Student (Last, First)") and nobody says names so."""
    if len(header) > LONGEST:
        return None
    for text in (_BRACKETS.sub(" ", header), *_BRACKETS.findall(header)):
        words = [word for word in _words(text) if word not in _AND | _STUDENTS | _BESIDES]
        if {"first", "last"} & set(words):
            words = [word for word in words if word != "name"]
        if FAMILY_FIRST & set(words):
            return None
        parts = [part for word in words if (part := _part(word)) is not None]
        if len(words) <= MOST_PARTS and parts in (["given", "family"], ["family", "given"]):
            return parts[0]
    return None


def _part(word: str) -> str | None:
    """Which part of a name a word means; a word for the whole means the family's, beside a given
    name's."""
    if word == "vor":  # "Vor- und Nachname"
        return "given"
    meant = [name for _, name in sorted(_BY_WORD.get(word, ()))]
    if meant and meant[0] in ("family_name", "name"):
        return "family"
    return "given" if "given_name" in meant else None


def _words(header: str) -> list[str]:
    """The words of a header as they are looked up, a student's cut off ("leerling", "nr")."""
    bare = _BRACKETS.sub(" ", _APOSTROPHE.sub("", header))
    words = _WORD.findall(_CAMEL.sub(" ", bare if bare.strip() else header))
    return [part for word in map(plain, words) if word for part in _cut(word)]


def _cut(word: str) -> tuple[str, ...]:
    if word in _STUDENTS or word in _BY_WORD:
        return (word,)
    for end in range(len(word) - 1, SHORTEST - 1, -1):
        rest = word[end:]
        if word[:end] in _STUDENTS and (rest in _OF_ANYTHING or rest in _BY_WORD):
            return word[:end], rest
    return (word,)


def _all_words() -> dict[str, tuple[tuple[int, str], ...]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for name, words in _NAMES.items():
        for rank, word in enumerate(words.split()):
            found.setdefault(plain(word), []).append((rank, name))
    for rank, word in enumerate(_NUMBERS.split()):
        if word in _BARE_NUMBERS:
            found.setdefault(plain(word), []).append((_ANYTHING + rank, "student_id"))
    return {word: tuple(sorted(meant)) for word, meant in found.items()}


_BY_WORD = _all_words()
_OF_ANYTHING = frozenset(map(plain, _NUMBERS.split()))

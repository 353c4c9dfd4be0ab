"""Which language a text is in: a vote of function words, then of the words we know, with a look at the script.

Only five languages are judged. For any other the answer must be "not judged", so the common function words of
those that are often mistaken for one of the five stand here too.
"""

from collections.abc import Sequence
from typing import NamedTuple

from mappings.wording.features import stem
from mappings.wording.lexicon import SOURCES, tag_of
from mappings.wording.model import load
from mappings.wording.text import READ_AT_MOST, Token

JUDGED: tuple[str, ...] = tuple(SOURCES)
_FUNCTION_WORDS: dict[str, str] = {
    "en": """
        a the of and to in for is are that with our we by on be as it this from so can will their they an or at not
        all have has which without into its more than any new what how when who does do up out i you your after
        before between using through during per each every no if should would could there these those them was were
        been being next""",
    "de": """
        der die das und ist den dem des ein eine einen einer eines mit für auf von im zu zum zur wir nicht sich auch
        werden wird sind damit dass durch bei als aus nach über unter unsere unser alle wie ohne kann können oder es
        sie am vom beim um haben hat soll sollen mehr weniger pro bis ins noch nur""",
    "es": """
        el la los las de del y en que un una para con por se su sus al es son más sin como lo nuestro nuestra está
        están nos les esta este desde hasta cuando pueda puedan menos o ya cada todos las sobre entre muy""",
    "fr": """
        le la les de des du et en un une pour que qui dans sur avec par est sont au aux ce cette ces nos notre leur
        leurs sans plus nous se ne pas à ou afin dont chaque d l qu sous entre moins été être on y""",
    "pt": """
        o a os as de do da dos das e em um uma para que com por no na nos nas ao se são mais sem como nosso nossa
        seu sua seus suas é não ser ter foi até pelo pela menos cada ou já sobre entre""",
    # not judged: only here so that they are not taken for one of the five
    "nl": """
        de het een en van voor op met dat die zijn naar niet om te aan bij ook door wordt worden zodat kunnen kan
        onze ons als uit zonder maar of moet moeten dit deze er nog meer minder hun alle we binnen tijdens
        gebruikers klanten verbeteren toevoegen maken bouwen afronden opleveren""",
    "it": """
        il lo gli di del della dei delle che e per con non una uno sono è nel nella sul alla ai dal dalla si come
        più senza nostro nostra i un da al questo questa loro gli ogni meno utenti aggiungere migliorare correggere
        implementare completare creare sviluppare rilasciare ridurre""",
    "pl": """
        i w na z do nie się jest że dla oraz przez po od za o jak aby żeby są być może naszych użytkownicy błędy
        dodać poprawić zrobić stworzyć ukończyć wdrożyć poprawki nowy nowa błędów""",
    "tr": """
        ve bir bu için ile da de daha olarak gibi olan çok ne en kullanıcı kullanıcıların kullanıcılar hata hataları
        düzelt geliştir tamamla ekle yeni sayfası yapmak etmek""",
    "sv": """
        och att det som en på är av för med till den har inte om ett vi kan från våra så utan ska användare
        användarna förbättra lägg fixa buggar bygga klar klart""",
    "da": """
        og at det som en på er af for med til den har ikke om et vi kan fra vores så uden skal brugere brugerne
        forbedre tilføj byg færdig færdiggør fejl""",
    "no": """
        og at det som en på er av for med til den har ikke om et vi kan fra våre så uten skal brukere brukerne
        forbedre legge bygge ferdig fullføre feil""",
    "fi": """
        ja on ei että se joka niin kun ovat mutta myös tai voi sekä käyttäjät käyttäjä uusi korjaa lisää virheet
        valmis julkaise paranna""",
    "cs": """
        a v na se je že s z do pro aby jsou o jak by po za ve nebo uživatelé uživatel opravit přidat dokončit
        vytvořit zlepšit chyby nový""",
    "sk": """
        a v na sa je že s z do pre aby sú o ako by po za vo alebo používatelia opraviť pridať dokončiť vytvoriť""",
    "ro": """
        și în de la cu pe pentru că este sunt care din nu să mai un o al ale utilizatorii adăugare repara îmbunătăți
        finalizare""",
    "hu": """
        a az és hogy nem egy is ez meg van vagy már csak felhasználók felhasználó javítása hibák hibajavítás új
        fejlesztése elkészítése""",
    "id": """
        dan yang untuk dengan di ke dari pada adalah ini itu dapat agar tidak oleh pengguna akan sudah bisa fitur
        membuat menambahkan memperbaiki menyelesaikan halaman perbaikan""",
    "vi": """
        và của cho các là có được trong với không một để này người dùng khi đã sửa lỗi thêm hoàn thành trang""",
    "ca": """
        el la els les de i en que un una per amb és són més sense com nostre els usuaris afegir millorar arreglar""",
    "et": "ja on ei et see kui ka või kasutajad kasutaja parandada lisada uus",
    "lt": "ir yra ne kad su iš į per arba naudotojai vartotojai pridėti taisyti klaidas",
    "hr": "i u na je da se za su od s sa ne korisnici korisnik dodati popraviti završiti novi",
    "af": "die en van vir op met dat nie is aan om te gebruikers word kan ons",
    "tl": "ang ng mga sa na at ay para hindi ito",
    "sw": "na ya wa kwa ni katika za la watumiaji",
}
FUNCTION_WORDS = {lang: frozenset(words.split()) for lang, words in _FUNCTION_WORDS.items()}
OTHER_ALPHABET = "?"
ALPHABETS: dict[str, str] = {  # letters that tell a language, or that none of the five uses (under "?")
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    OTHER_ALPHABET: "łżźśćąęńğışőűčřěšžůťďňåøæșțđơưăėųūīļķģāēħþðĳŋ",
}
MARKS: dict[str, str] = {char: lang for lang, chars in ALPHABETS.items() for char in chars}
KNOWN_FOR_SURE = 0.5  # more than this share of the words must be known where no function word votes
CHECKED_WORDS = 200


def named(lang: str) -> str | None:
    """The language of a tag such as "en", "EN-us" or "pt_BR"; None for an empty one."""
    return lang.strip().replace("_", "-").partition("-")[0].lower() or None


class Guess(NamedTuple):
    lang: str | None  # None: nothing tells it
    certain: bool


NOT_KNOWN = Guess(None, certain=False)


def guess_language(text: str, tokens: Sequence[Token]) -> Guess:
    words = [token.word for token in tokens if token.word][:CHECKED_WORDS]
    if not words:
        return NOT_KNOWN if any(char.isalpha() for char in text[:READ_AT_MOST]) else Guess("en", certain=False)
    if is_foreign_script(words):
        return NOT_KNOWN
    votes = _votes(words)
    best = max(votes.values())
    if best == 0:
        return _by_known_words(words)
    leaders = [lang for lang, count in votes.items() if count == best]
    if OTHER_ALPHABET in leaders:
        return NOT_KNOWN
    judged = [lang for lang in leaders if lang in JUDGED]
    return Guess(max(judged, key=lambda lang: _known(words, lang)) if judged else leaders[0], certain=True)


def is_foreign_script(words: Sequence[str]) -> bool:
    """More than a fifth of the letters are outside of the Latin alphabet."""
    letters = [char for word in words for char in word]
    return sum(map(_is_foreign, letters)) * 5 > len(letters)


def _is_foreign(char: str) -> bool:
    return char > "\u024f" and not "\u1e00" <= char <= "\u1eff" and not "\u0300" <= char <= "\u036f"


def _votes(words: Sequence[str]) -> dict[str, float]:
    votes = {lang: float(sum(word in known for word in words)) for lang, known in FUNCTION_WORDS.items()}
    for word in words:
        if not word.isascii():
            for char in set(word):
                mark = MARKS.get(char)
                if mark:
                    votes[mark] = votes.get(mark, 0.0) + 1.5
    return votes


def _known(words: Sequence[str], lang: str) -> int:
    if lang != "en":
        return sum(tag_of(word, lang) is not None for word in words)
    learnt = load("goals").weights  # its words are English ones
    return sum(tag_of(word, lang) is not None or "w:" + stem(word) in learnt for word in words)


def _by_known_words(words: Sequence[str]) -> Guess:
    """Short texts have no function words ("Fix bugs"): the words that we know vote, English first."""
    whole = [word for word in words if len(word) > 1]
    if not whole:
        return NOT_KNOWN
    counts = {lang: _known(whole, lang) for lang in JUDGED}
    best = max(counts, key=lambda lang: (counts[lang], lang == "en"))
    if counts[best] > KNOWN_FOR_SURE * len(whole):
        return Guess(best, certain=True)
    if counts[best] == KNOWN_FOR_SURE * len(whole) and all(map(str.isascii, whole)):
        return Guess(best, certain=False)
    return NOT_KNOWN

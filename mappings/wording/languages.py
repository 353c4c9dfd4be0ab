"""Which language a text is in: a vote of function words, then of the words we know; and whether the other words fit.

Only five languages are judged. For any other the answer must be "not judged", so the common function words of
those that are often mistaken for one of the five stand here too, and each word must look like the language.
"""

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from mappings.wording.features import stem
from mappings.wording.lexicon import SOURCES, tag_of
from mappings.wording.model import load
from mappings.wording.profile import OTHER, likeness
from mappings.wording.text import READ_AT_MOST, Token

JUDGED: tuple[str, ...] = tuple(SOURCES)
_FUNCTION_WORDS: dict[str, str] = {
    "en": """
        a the of and to in for is are that with our we by on be as it this from so can will their they an or at not
        all have has which without into its more than any new what how when who does do up out i you your after
        before between using through during per each every no if should would could there these those them was were
        been being next""",
    "de": """
        in der die das und ist den dem des ein eine einen einer eines mit für auf von im zu zum zur wir nicht sich
        auch werden wird sind damit dass durch bei als aus nach über unter unsere unser alle wie ohne kann können
        oder es sie am vom beim um haben hat soll sollen mehr weniger pro bis ins noch nur""",
    "es": """
        ser tener lograr hacer el la los las de del y en que un una para con por se su sus al es son más sin como lo
        nuestro nuestra está están nos les esta este desde hasta cuando pueda puedan menos o ya cada todos sobre
        entre muy""",
    "fr": """
        le la les de des du et en un une pour que qui dans sur avec par est sont au aux ce cette ces nos notre leur
        leurs sans plus nous se ne pas à ou afin dont chaque l' d' n' s' qu' c' j' sous entre moins été être on y""",
    "pt": """
        o a os as de do da dos das e em um uma para que com por no na nos nas ao se são mais sem como nosso nossa
        seu sua seus suas é não ser ter foi até pelo pela menos cada ou já sobre entre""",
    # not judged: only here so that they are not taken for one of the five
    "nl": """
        de het een en van voor op met dat die zijn naar niet om te aan bij ook door wordt worden zodat kunnen kan
        onze ons als uit zonder maar of moet moeten dit deze er nog meer minder hun alle we binnen tijdens
        gebruikers klanten verbeteren toevoegen maken bouwen afronden opleveren""",
    "it": """
        il la le lo in per l' un' dell' nell' sull' all' dall' gli di del della dei delle che e con non una uno
        sono è nel nella sul alla ai dal dalla si come più senza nostro nostra i un da al questo questa loro ogni
        meno utenti aggiungere migliorare correggere implementare completare creare sviluppare rilasciare ridurre""",
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
        el la els les de i en que un una per amb és són més sense com nostre usuaris afegir millorar arreglar""",
    "et": "ja on ei et see kui ka või kasutajad kasutaja parandada lisada uus",
    "lt": "ir yra ne kad su iš į per arba naudotojai vartotojai pridėti taisyti klaidas",
    "hr": "i u na je da se za su od s sa ne korisnici korisnik dodati popraviti završiti novi",
    "af": "die en van vir op met dat nie is aan om te gebruikers word kan ons",
    "tl": "ang ng mga sa na at ay para hindi ito",
    "sw": "na ya wa kwa ni katika za la watumiaji",
    "gl": """
        o a os as do da dos das no na nos nas ao un unha e en que para con por se non máis sen como seu súa seus súas
        pode poden é coa co polo pola""",
    "lb": "an de den d'a si ass sinn mat fir vun op net och wéi wat eis hir nei nees méi",
    "sl": "in za na je da se so z ki ali pri vse brez",
    "sr": "i u na je da se za su od sa ne korisnici svi sve ili",
    "eo": "la kaj de en estas por ke ne sen al",
    "la": "et in est ut non cum ad ex pro sine",
    "eu": "eta da dira du dute ez bat",
    "lv": "un ir no ar uz par bez lai",
}
FUNCTION_WORDS = {lang: frozenset(words.split()) for lang, words in _FUNCTION_WORDS.items()}
LANGUAGES_OF = {
    word: tuple(lang for lang, known in FUNCTION_WORDS.items() if word in known)
    for word in frozenset().union(*FUNCTION_WORDS.values())
}
LETTER_VOTE = 2  # a letter that only one language has says more than a word that several share
_ENGLISH_WORDS = """
    ability about account accounts across action active actual advanced again agree amount analysis answer answers
    any architecture area around article ask asked available average aware back bar based basic because become best
    big block bot both box branch branches brand browser budget budgets bundle button cache call card cards case
    cases category center central change changes channel channels check choice class classes clean clear click cloud
    color colour column command comment common community company complete complex config connection contact content
    context contract control core correct count country create critical cross current custom cycle daily data date
    day days dead deal debt default delivery demo department desktop detail details detection device devices
    differentiators digital directory display domain down drag drive drop early easy edge edit editor effect
    effective email end energy engine enterprise entire entry environment equal error event every example excel
    execute existing external extra factory failed fair family fast feature feedback field fields file files filter
    final finance find first fit five fix folder font form format forward four frame free full function future game
    gap general generation global goal good graph great grid group guest guide half hard head health help high
    history holiday home hot house icon idea image impact important individual info information initial inner input
    inside install internal inventory issue items job join key kind label language large last late latest layer
    layout lead leave left legal less level library life light limit limits line link list live load local location
    log logic logo long look loop low mail main make manage manager manual map mapping market marketing match media
    meeting member members memory menu merge message messages meta method mobile mode model module money month move
    multi music name native near need network new news next night node note notes number object offer office old one
    online open operation option options order orders other out output over own pack package page paper parent part
    partner parts party pass past path pay people per perfect performing period person phase phone photo pick
    picture place plan planning platform play player point policy pool post power price pricing primary print
    priority private problem process product profile program project projects property public purchase push quality
    query queue quick random range rate raw read ready real record recovery region related relevant remote repair
    replace report request required reset resource rest restarts result results return review right risk road role
    roles room root route routes rule rules run running runs safe safety sale sample save scale scan schedule school
    scope score screen script season second secret section sector security select self sell send sensor sensors sent
    series server set setting settings setup shape share shared ship shop short show side sign simple single site
    size small smart social software solution sort sound source space special specific speed spreadsheets stable
    staff stage standard start state station status step still stock stop storage store stories story stream street
    strong structure student study style subject submit success summer supply support sure surface switch sync
    system table tag target task team tech technical temperature term test text theme third three ticket tickets
    time title toggle token tool top topic total tour track trade traffic transfer transport tree trial trigger trip
    true trust turn two type unit update upload upper user valid value values vehicle version via video view virtual
    visible voice volume wait wall warehouse water way web week welcome well whole wide window winter wire word work
    worker workflow world write year young zone"""
# Common words of English project talk: they tell the language of a text too short for function words.
ENGLISH_WORDS = frozenset(_ENGLISH_WORDS.split())
# Words of project talk in every language: they tell none.
_LOAN_WORDS = """
    api apis app apps release releases deploy deployment demo demos bug bugs sprint sprints backlog feature features
    login refactoring refactor dashboard test tests ticket tickets server servers online software design team teams
    email e-mail mail feedback filter panel admin module modul code database home homepage web website data excel pdf
    mvp ux ui ok beta staging production frontend backend framework update user story stories log export status
    service cloud chat push slack jira github docker support"""
LOAN_WORDS = frozenset(_LOAN_WORDS.split())
# Loan words that open an English sentence.
_ENGLISH_VERBS = frozenset({"deploy", "release", "refactor", "test", "update", "design", "export", "log", "support"})
OTHER_ALPHABET = "?"
ALPHABETS: dict[str, str] = {  # letters that tell a language, or that none of the five uses (under "?")
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    OTHER_ALPHABET: "łżźśćąęńğışőűčřěšžůťďňåøæșțđơưăėųūīļķģāēħþðĳŋ",
}
_PLAIN_LETTERS = "abcdefghijklmnopqrstuvwxyz'"
_ACCENTS = {"en": "éèêçñïöü", "de": "äöüßéè", "es": "áéíóúüñ", "fr": "àâæçéèêëîïôœùûü", "pt": "áâãàçéêíóôõúü"}
LETTERS = {lang: frozenset(_PLAIN_LETTERS + accents) for lang, accents in _ACCENTS.items()}
MARKS: dict[str, str] = {char: lang for lang, chars in ALPHABETS.items() for char in chars}
FEW_VOTES = 0.1  # of the words: fewer function words than any sentence has
KNOWN_FOR_ENGLISH = 0.3
KNOWN_FOR_SURE = 0.5  # more than this share of the words must be known where no function word votes
CHECKED_WORDS = 200
MOST_SAID = 3.0  # by one word, for or against a language, in natural logarithms of odds
HEAD_START = 1.0  # others than the five are learnt from as many texts together: any one of them is less probable
FUNCTION_WORD = 2.0
LEAST_LIKELY = 0.02
# What the words must say together for a language to be certain: beside English, more than one word can.
TELLS, TELLS_OTHERS = 0.5, 3.2
MUCH_SAID = 8.0  # so much that names and loan words among the others do not matter
# What speaks for the language less what speaks against it, as a share of both.
FITS, FITS_WELL, FITS_WELL_OTHERS, FITS_BEST = 0.3, 0.5, 0.75, 0.8


def named(lang: str) -> str | None:
    """The language of a tag such as "en", "EN-us" or "pt_BR"; None for an empty one."""
    return lang.strip().replace("_", "-").partition("-")[0].lower() or None


class Guess(NamedTuple):
    lang: str | None  # None: nothing tells it
    certain: bool


NOT_KNOWN = Guess(None, certain=False)
ENGLISH = Guess("en", certain=True)


def guess_language(text: str, tokens: Sequence[Token]) -> Guess:
    words = [token.word for token in tokens if token.word][:CHECKED_WORDS]
    if not words:
        return NOT_KNOWN if any(char.isalpha() for char in text[:READ_AT_MOST]) else Guess("en", certain=False)
    if is_foreign_script(words):
        return NOT_KNOWN
    return _checked(words, _by_votes(words))


def _by_votes(words: Sequence[str]) -> Guess:
    votes = _votes(words)
    if not votes:
        return _by_known_words(words)
    best = max(votes.values())
    if best < FEW_VOTES * len(words) and _known_share(words, "en") > KNOWN_FOR_SURE:
        return Guess("en", certain=True)  # a list of English nouns, with an "es" or "de" among them
    leaders = [lang for lang, count in votes.items() if count == best]
    judged = [lang for lang in leaders if lang in JUDGED]
    if OTHER_ALPHABET in leaders or not judged:
        return Guess(None if OTHER_ALPHABET in leaders else leaders[0], certain=True)
    likely = max(judged, key=lambda lang: (_known_share(words, lang), lang == "en"))
    share = _known_share(words, likely)
    if likely == "en":  # it shares "a", "of", "for", "is" and "on" with many
        return Guess("en", certain=best > 1 or share >= KNOWN_FOR_ENGLISH)
    if len(judged) < len(leaders) and share < KNOWN_FOR_SURE:
        return Guess(next(lang for lang in leaders if lang not in JUDGED), certain=False)
    return Guess(likely, certain=best > 1 or share >= KNOWN_FOR_SURE)


def _checked(words: Sequence[str], voted: Guess) -> Guess:
    """Of the five the one voted for, or else the likeliest, if the words that tell it fit."""
    telling = [word for word in words if word not in LOAN_WORDS and (len(word) > 1 or word in LANGUAGES_OF)]
    if not telling:
        return Guess("en", words[0] in _ENGLISH_VERBS) if LOAN_WORDS.intersection(words) else NOT_KNOWN
    if voted.lang in JUDGED:
        said, share = _weighed(telling, voted.lang)
        if share >= FITS:
            least, fits = (TELLS, FITS_WELL) if voted.lang == "en" else (TELLS_OTHERS, FITS_WELL_OTHERS)
            return Guess(voted.lang, certain=voted.certain and said >= least and (share >= fits or said >= MUCH_SAID))
    likeliest = _likeliest(telling)
    said, share = _weighed(telling, likeliest)
    if said >= TELLS and share >= FITS_BEST:  # the votes were few, or for words that it shares with others
        return Guess(likeliest, certain=False)
    if voted == ENGLISH and _known_share(words, "en") >= KNOWN_FOR_SURE:  # with names among the words
        return Guess("en", certain=False)
    return NOT_KNOWN if voted.lang in JUDGED else voted


def _weighed(telling: Sequence[str], lang: str) -> tuple[float, float]:
    """What the words say for a language in all; and as a share, in which what is said against it counts twice."""
    each = [_fit(word, lang) for word in telling]
    said, against = sum(each), -sum(fit for fit in each if fit < 0)
    both = said + 2 * against
    return said, said / both if both else 1.0


def _likeliest(telling: Sequence[str]) -> str:
    sums = [sum(column) for column in zip(*map(_leanings, telling), strict=True)]
    return JUDGED[max(range(len(sums)), key=sums.__getitem__)]


@lru_cache(maxsize=20_000)
def _leanings(word: str) -> tuple[float, ...]:
    each = likeness(word)
    return tuple(
        math.log(each[lang] + LEAST_LIKELY) + (word in FUNCTION_WORDS[lang] or _is_known(word, lang)) for lang in JUDGED
    )


@lru_cache(maxsize=20_000)
def _fit(word: str, lang: str) -> float:
    """How much a word speaks for a language (or for English, that all borrow from) against all others."""
    shared = any(other not in JUDGED for other in LANGUAGES_OF.get(word, ()))
    if word in FUNCTION_WORDS[lang]:
        return 0.0 if shared else FUNCTION_WORD
    known = _is_known(word, lang)
    if not known and (shared or not LETTERS[lang].issuperset(word)):
        return -MOST_SAID
    each = likeness(word)
    likely = max(each[lang], each["en"])
    against = each[OTHER] if known else 1 - likely
    fit = math.log((likely + LEAST_LIKELY) / (against + LEAST_LIKELY)) + HEAD_START
    return min(max(fit, 0.0 if known else -MOST_SAID), MOST_SAID)


def is_foreign_script(words: Sequence[str]) -> bool:
    """More than a fifth of the letters are outside of the Latin alphabet."""
    if all(map(str.isascii, words)):
        return False
    letters = [char for word in words for char in word]
    return sum(map(_is_foreign, letters)) * 5 > len(letters)


def _is_foreign(char: str) -> bool:
    return char > "\u024f" and not "\u1e00" <= char <= "\u1eff" and not "\u0300" <= char <= "\u036f"


def _votes(words: Sequence[str]) -> Counter[str]:
    return Counter(chain.from_iterable(map(_votes_of, words)))


@lru_cache(maxsize=20_000)
def _votes_of(word: str) -> tuple[str, ...]:
    votes = LANGUAGES_OF.get(word, ())
    if "'" in word:  # l'abandon, d'erreurs
        votes += LANGUAGES_OF.get(word.partition("'")[0] + "'", ())
    if not word.isascii():
        votes += tuple(dict.fromkeys(MARKS[char] for char in word if char in MARKS)) * LETTER_VOTE
    return votes


def _known_share(words: Sequence[str], lang: str) -> float:
    """How many of the telling words the lexicon knows; function words and single letters tell nothing here."""
    telling = [word for word in words if len(word) > 1 and word not in LANGUAGES_OF]
    return sum(_is_known(word, lang) for word in telling) / len(telling) if telling else 0.0


@lru_cache(maxsize=20_000)
def _is_known(word: str, lang: str) -> bool:
    # The words that the model has learnt are English ones.
    if tag_of(word, lang) is not None:
        return True
    return lang == "en" and (word in ENGLISH_WORDS or "w:" + stem(word) in load("goals").weights)


def _by_known_words(words: Sequence[str]) -> Guess:
    """Short texts have no function words ("Fix bugs"): the words that we know vote, English first."""
    shares = {lang: _known_share(words, lang) for lang in JUDGED}
    best = max(shares, key=lambda lang: (shares[lang], lang == "en"))
    if shares[best] > KNOWN_FOR_SURE:
        return Guess(best, certain=True)
    if shares[best] == KNOWN_FOR_SURE and all(map(str.isascii, words)):
        return Guess(best, certain=False)
    return NOT_KNOWN

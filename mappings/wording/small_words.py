"""The words that tell the language of a text: function words of some forty languages, and common words of English.

Those of languages that are not judged stand here so that they are not taken for one of the five that are.
"""

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
        nuestro nuestra está están nos esta este desde hasta cuando pueda puedan menos ya cada todos sobre
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
    "ast": "les del al y la los nun pa pol pola col cola nel nes ye tien tienen ensin nesti esti",
    "oc": "los las lo e amb dels als sul pel son sens que per dins",
    "sco": """
        an the tae fae o wi thair thay whit wis hae nae dae gie ower oot aboot efter afore awbody fowk auld noo sae aw
        mak tak pit ain wirk""",
    "nds": "un dat de vun för mit op nich is sünd wi se köönt warrt ok",
    "gsw": "d s und uf vo vom em isch sind chönd chan mit nöd nid für mer au",
    "fy": "de it en fan foar mei net is binne kinne har wy dy oan op",
    "hi": "ka ki ke ko hai hain karna karne aur mein se par jo sake karenge hoga",
    "lv": "un ir no ar uz par bez lai",
}
FUNCTION_WORDS = {lang: frozenset(words.split()) for lang, words in _FUNCTION_WORDS.items()}
LANGUAGES_OF = {
    word: tuple(lang for lang, known in FUNCTION_WORDS.items() if word in known)
    for word in frozenset().union(*FUNCTION_WORDS.values())
}
_ENGLISH_WORDS = """
    net non com per vs vp git sql ceo cto
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
    worker workflow world write year young zone
    accept accepted accessible achieve acquire adopted alert alerts allow allowed amounts announce annual
    applied apply approach assigned attempts audits automatically avoid awareness behave behind believe below
    benefit between bookings broken building builds bulk businesses buyers by calls campaign campaigns capacity
    catch caught changed chapter cheap clearly close closed closing code colleagues commit commits complaints
    completed compliance concurrent confidence confident contributors conversations cover covered coverage crash
    crashes currently customers damage deadline declined deeper defects delayed delays deliveries depend
    deposits designed developed developers downtime drafts dropped during earlier earn easier edges employees
    enough errors evaluate events everyone everything expected experiments failing failures faster fewer
    findings finish finished fixed fixes flaky follow followers found foundation friendly fully funding gather
    gift giving growth guidance handling happy hardware headcount helpful hidden hires hiring hook hooks hours
    how improve improved improvements inbound include increase increased insights instead invite invites invoice
    invoices joined keep kept kickoff kick knowledge landing languages launch launched launches law learn
    learned learning letters linked linter loaded losing loss lost loud maintain making meaningful measure
    measured meetings mentions minutes missing misses months morning most mostly much must named nearly needs
    needed never nightlies nightly noise nothing notice often onto opened our outage outages overdue overview
    owner ownership owners partners passed passing payments percent percentage placed planned plans posts
    prepare prevent previous processed produce productivity proof published purchases quarter quarterly
    questions quickly quotes quota raise raised reach reached readiness reasons receive received reduce reduced
    reduction refund rejected releases reliable remaining remove reported reports representation requests
    resolve resolved responses retries reviews revenue reward round rounds safely saved saves savings scheduled
    search seconds seed sellers sessions shipped shorter shows signs skills slow slower something spend spent
    stakeholders stars started stay steps stopped streams stronger sufficient suggestions surveys talks targets
    tasks teachers terms tested than their them these they things thousand through throughout together touch
    towards trained training travel trends turnaround unclear under understand unknown unplanned until up uptime
    usage used users using vendors verified verify violation violations visits waiting warnings weeks weekly
    what when where which while who why wins with within without works worse worth written wrong yearly yet"""
# Common words of English project talk: they tell the language of a text too short for function words.
ENGLISH_WORDS = frozenset(_ENGLISH_WORDS.split())
# Words of project talk in every language: they tell none.
_LOAN_WORDS = """
    api apis app apps release releases deploy deployment demo demos bug bugs sprint sprints backlog feature features
    login refactoring refactor dashboard test tests ticket tickets server servers online software design team teams
    email e-mail mail feedback filter panel admin module modul code database home homepage web website data excel pdf
    mvp ux ui ok beta staging production frontend backend framework update user story stories log export status
    service cloud chat push slack jira github docker support linux windows android ios kubernetes iso soc mrr arr json
    java javascript crm erp saas"""
LOAN_WORDS = frozenset(_LOAN_WORDS.split())
# Loan words that open an English sentence.
ENGLISH_VERBS = frozenset({"deploy", "release", "refactor", "test", "update", "design", "export", "log", "support"})
# What may follow the beginning of an English word ("implement*").
_ENGLISH_RESTS = """
    s es e ed d ing ings er ers or ors ion ions ation ations ment ments ly al able y ies ity ance ence ive ize ized
    izing ization ise ised ising isation ful less ness t n a ant ate ated ating ability ible ibility ator ators"""
ENGLISH_RESTS = frozenset(_ENGLISH_RESTS.split())

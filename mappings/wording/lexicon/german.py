"""German, usable: the words of sprint goals and key results. `*` stands for any ending, `_` for a blank."""

WORDS: dict[str, str] = {
    "AND": "und oder sowie außerdem zusätzlich dann dabei",
    "FROM": "von vom",
    "TO": "auf um zu zum zur",
    "LEVEL": "unter über mindestens höchstens maximal weniger_als mehr_als bis_zu innerhalb binnen",
    "UNIT": "sekunde* minute minuten stunde* tag tage tagen woche wochen klick klicks schritt schritte schritten",
    "TIMES": "halbier* verdoppel* verdreifach* hälfte doppelt",
    "DELIVER": """
        bau bauen gebaut erstell* entwickl* implementier* umsetz* umgesetzt ausliefer* liefern veröffentlich*
        bereitstell* einführ* einricht* aufsetz* integrier* migrier* refaktor* beheb* behoben korrigier* überarbeit*
        erweiter* schreib* dokumentier* entwerf* gestalt* anbind* anleg* ergänz* hinzufüg* konfigurier* deploy*
        programmier* fixen gefixt reparier* automatisier* vereinfach*
        entsteh* fertigstellung aufbau* einbau* umstell* releas* launch* ausroll* aktualisier* aufräum*""",
    "FINISH": """
        abschließ* abschliess* abgeschlossen abschluss fertig* beend* erledig* finalisier* abarbeit* durchzieh*""",
    "WORK": "arbeit* weiterarbeit* beginn* start* fortführ* fortsetz* vorantreib* plan* weiter",
    "ENABLE": "ermöglich* erlaub* befähig* damit_nutzer",
    "CAN": "kann können könnte möglich in_der_lage",
    "UP": "erhöh* steiger* verbesser* wachs* beschleunig* optimier* stärk* ausbau* steigt steigen anheb* maximier*",
    "DOWN": "reduzier* senk* verringer* verkürz* minimier* vermeid* verhinder* sinkt sinken kürz* abbau* beseitig*",
    "KEEP": "halt* sicherstell* gewährleist* bleib* behalten",
    "REACH": "erreich* erziel* gewinn* bekomm*",
    "BE": "ist sind wird werden war haben hat steht stehen",
    "SUPPORT": "unterstütz* läuft laufen funktionier* lädt laden antwort*",
    "VALIDATE": "validier* test teste testen getestet überprüf* prüf* bestätig* nachweis*",
    "LEARN": "lern* erforsch* untersuch* versteh* erkund* ermittel* identifizier* analysier*",
    "FINDOUT": "herausfind* finden_heraus klären klärung wie_können_wir verstehen_warum erkenntnis* warum_nutzer",
    "DECIDE": "entscheid* auswähl* wählen bewert* vergleich* evaluier* abwäg*",
    "WHETHER": "ob",
    "WH": "warum wieso wie was welche welcher welches welchen wo",
    "DOUBT": """
        hypothes* annahme* machbarkeit unsicherheit* risiko frage fragen zweifel unbekannte experiment*
        zahlungsbereitschaft""",
    "SPIKE": "spike spikes machbarkeitsstudie",
    "RESEARCH": "recherch* nutzertest* interview* nutzerforschung feedback rückmeldung*",
    "DO": """
        durchführ* organisier* veranstalt* teilnehm* besuch* schulen präsentier* treffen koordinier* abstimm*
        priorisier*""",
    "HIRE": "einstell* neueinstell* rekrutier* bewerb* stellen",
    "DONE": """
        bereit verfügbar live veröffentlicht dokumentiert vorhanden funktionsfähig* lauffähig* einsatzbereit
        operativ""",
    "PEOPLE": """
        nutzer* benutzer* anwender* kunde kunden kundinnen besucher* käufer* mitarbeit* entwickler* schüler*
        studierende* lehrkräft* patient* händler* fahrer* agenten team teams menschen leser* gäste gast bewerber*
        mieter* neukunden""",
    "FEEL": """
        verstehen versteht wissen finden findet vertrau* zufrieden* empfehl* nutzen nutzt kauf* kehren_zurück sparen
        spart wiederkomm* schneller_finden gern problemlos mühelos selbstständig eigenständig erkenn* bleiben merken""",
    "USE": "nutzung benutz* verwend* anmeld* registrier* einlogg* sehen ansehen",
    "METRIC": """
        conversion* konversion* abbruch* abwander* kündigungsrate bindung zufriedenheit nps antwortzeit* ladezeit*
        wartezeit* latenz verfügbarkeit ausfall* ausfälle fehlerquote fehlerrate fehler supportanfragen
        supporttickets anfragen beschwerden rückfragen durchlaufzeit bearbeitungszeit rate quote anteil nutzungsrate
        aktivierung abschlussrate wiederkaufsrate aktive_nutzer zeitaufwand aufwand reklamation* stornoquote
        rücksendungen retouren krankenstand störungen vorfälle durchsatz abbruchquote""",
    "QUALITY": """
        performance leistung zuverlässigkeit sicherheit stabilität benutzererlebnis nutzererlebnis nutzererfahrung
        benutzerfreundlichkeit bedienbarkeit nutzbarkeit geschwindigkeit effizienz reibung* skalierbarkeit
        barrierefreiheit compliance qualität kundenerlebnis""",
    "EFFECT": "klarheit vertrauen verständnis transparenz sichtbarkeit überblick orientierung motivation",
    "TIME": "zeit zeiten dauer",
    "SMOOTH": "reibungslos* nahtlos* einfach* zuverlässig* sicher sichere sicheren schnell* stabil* intuitiv*",
    "CODE": "testabdeckung codequalität technische_schulden warnungen codezeilen unittests linter*",
    "ARTEFACT": """
        funktion funktionen feature features seite seiten dashboard* schnittstelle* api apis endpunkt* app apps
        anwendung modul module komponente* oberfläche maske formular* dokumentation bericht berichte datenbank*
        pipeline* prototyp* mvp mockup* entwurf entwürfe integration bibliothek artikel beitrag beiträge leitfaden
        handbuch konzept* prozess prozesse roadmap tool tools system systeme website webseite startseite framework
        architektur schema skript* dienst dienste login anmeldung authentifizierung suche filter menü profil chat
        benachrichtigung* fundament grundlage* grundgerüst datenmodell testdaten infrastruktur server umgebung*
        export import schnitt maschine nähmaschine maßnahmen optimierungsmaßnahmen kernbildschirme warenkorb
        bezahlung""",
    "TASKS": "story stories ticket* aufgabe* bug bugs punkte user_stories backlog slices restarbeiten",
    "MILESTONE": """
        demo nächsten_sprint nächste_release phase meilenstein* abnahme freigabe version produktion abgabe*""",
    "ACTIVITY": """
        workshop* schulung* treffen meeting* kampagne* veranstaltung* vorträge vortrag konferenz* umfrage* gespräche
        retro*""",
    "MONEY": "umsatz umsätze gewinn marge erlös* kosten budget einnahmen ertrag mrr arr profitabel",
    "VANITY": """
        follower* aufrufe seitenaufrufe impressionen reichweite downloads likes abonnenten mitglieder besuche
        erwähnungen""",
    "ADOPT": "onboarding einarbeit* umgestiegen umstieg",
    "BINARY": "genehmig* zertifizier* zertifikat zulassung auszeichnung preis vertrag audit akkreditier* iso",
    "BEST": "beste besten führend* marktführer begeister* nummer_eins erste_wahl lieblings*",
    "SOTHAT": "damit sodass so_dass dadurch wodurch",
    "INSTEAD": "statt anstatt nicht_mehr anstelle",
    "WITHOUT": "ohne kein keine keinen",
    "BY": "durch indem mittels mithilfe",
    "MORE": "schneller leichter einfacher weniger sicherer seltener früher zuverlässiger kürzer häufiger öfter",
    "MUCH": "mehr besser",
    "BELIEVE": "glauben erwarten hoffen",
    "PREPARE": "vorbereit* vorbereitung",
    "NOT": "nicht nie",
    "GOAL": "ziel ziele sprintziel sprint sprints fokus",
    "BLANK": """
        siehe siehe_board siehe_backlog kein_ziel noch_nicht wird_definiert festgelegt festlegen tbd offen folgt
        todo keins noch_offen wird_noch platzhalter beispiel""",
}

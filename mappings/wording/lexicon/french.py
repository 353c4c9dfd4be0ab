"""French, usable: the words of sprint goals and key results. `*` stands for any ending, `_` for a blank."""

WORDS: dict[str, str] = {
    "AND": "et ou ainsi puis également",
    "FROM": "de du des depuis",
    "TO": "à au aux",
    "LEVEL": "moins_de plus_de au_moins au_plus sous en_dessous maximum minimum jusqu",
    "UNIT": "seconde* minute minutes heure heures jour jours semaine semaines clic clics étape étapes",
    "TIMES": "moitié doubler tripler diviser_par deux_fois",
    "DELIVER": """
        constru* créer création crée développ* implément* livr* publi* lanc* déploy* concev* conception configur*
        intégr* migr* refactor* refond* corrig* répar* ajout* rédig* écri* document* génér* mettre_en_place
        mise_en_place établi* install* mettre_à_jour mise_à_jour poser automatis* réalis* brancher fournir""",
    "FINISH": "termin* achev* finalis* fini* clôtur* boucl* complét* clore",
    "WORK": "travaill* continu* commenc* avanc* démarr* poursuiv* planifi*",
    "ENABLE": "permett* permis offr* donner_la",
    "CAN": "peut peuvent pouvoir puisse puissent capable capables",
    "UP": "augment* amélior* accroî* accél* optimis* renforc* élev* croît progress* maximis* hausse",
    "DOWN": "rédui* baiss* diminu* raccourc* minimis* élimin* évit* supprim* limit* chut*",
    "KEEP": "maint* garant* assur* conserv*",
    "REACH": "attein* obten* parven*",
    "BE": "est sont soit être avoir a ont",
    "SUPPORT": "support* fonctionn* charge répond* tient",
    "VALIDATE": "valid* vérifi* test* prouv* confirm* éprouv*",
    "LEARN": "apprend* explor* comprendre_pourquoi identifi* détermin* découvr* étudi* analys*",
    "FINDOUT": """
        savoir_si comprendre_pourquoi comprendre_si découvrir_si trouver_pourquoi comment_pourrions lever_le_doute
        savoir_quel""",
    "DECIDE": "décid* chois* évalu* compar* trancher décision",
    "WHETHER": "si",
    "WH": "pourquoi comment quel quelle quels quelles qui où",
    "DOUBT": """
        hypothèse* faisabilité incertitude* risque* question* doute* expérience_pilote expérimentation* appétence""",
    "SPIKE": "spike spikes preuve_de_concept",
    "RESEARCH": "entretien* recherche_utilisateur interview* retours",
    "DO": "organis* men* assist* particip* anim* former présent* coordonn* prioris* faire",
    "HIRE": "recrut* embauch*",
    "DONE": "prêt prête prêts disponible disponibles livré publié documenté opérationnel* fonctionnel*",
    "PEOPLE": """
        utilisateur* utilisatrice* client* acheteur* visiteur* étudiant* élève* enseignant* développeur* employé*
        équipe équipes patient* commerçant* conducteur* agent* personnes lecteur* locataire* abonnés candidat*
        pêcheurs salarié*""",
    "FEEL": """
        comprenn* comprend* trouv* confian* sav* recommand* satisfait* revienn* achèt* gagn* adopt* préfèr*
        facilement rapidement abandonn* utilisent reconnai* autonome*""",
    "USE": "utiliser utilis* accéd* inscri* connect* voir consult*",
    "METRIC": """
        conversion rétention abandon abandons satisfaction nps latence disponibilité délai délais taux adoption
        erreurs pannes incidents plaintes tickets réclamations attente rebond activation utilisateurs_actifs
        win_rate régressions retours_produit appels absentéisme désabonnement désabonnements demandes_de_support
        annulations fidélité""",
    "QUALITY": """
        performance performances fiabilité sécurité stabilité expérience ergonomie vitesse efficacité friction*
        qualité accessibilité productivité robustesse fluidité""",
    "EFFECT": "clarté confiance compréhension transparence visibilité sérénité intérêt motivation",
    "TIME": "temps durée",
    "SMOOTH": "fluide* sûr* fiable* rapide* simple* stable* intuitif intuitive",
    "CODE": "couverture dette_technique qualité_du_code avertissements lignes_de_code tests_unitaires",
    "ARTEFACT": """
        fonctionnalité* fonction page pages tableau tableaux_de_bord dashboard* api apis endpoint* application appli
        module* composant* interface écran* formulaire* documentation rapport* base_de_données prototype* mvp
        maquette* intégration bibliothèque article* guide* manuel processus feuille_de_route outil* système* site
        web landing architecture schéma service* connexion authentification recherche filtre* profil* messagerie
        notification* socle infrastructure serveur environnement* export panier paiement* algorithme bot
        colonne_vertébrale onglet file""",
    "TASKS": "histoires tâche* ticket bug bugs points user_stories backlog éléments",
    "MILESTONE": "démo prochain_sprint version phase jalon* lancement recette production",
    "ACTIVITY": "atelier* réunion* campagne* événement* conférence* enquête* sessions formation* entretiens sondage*",
    "MONEY": "chiffre_d revenu* bénéfice* marge* coût* ventes budget rentab* mrr arr recettes",
    "VANITY": "abonnés followers vues impressions téléchargements portée mentions visites likes membres",
    "ADOPT": "onboarding embarquer intégration_des",
    "BINARY": "approbation certification certifi* agrément prix contrat audit iso homologation",
    "BEST": "meilleur* leader référence numéro_un préféré* excellent*",
    "SOTHAT": "afin_que pour_que pour de_sorte_que afin",
    "INSTEAD": "au_lieu plutôt_que ne_plus n'ont_plus",
    "WITHOUT": "sans",
    "BY": "par grâce via en",
    "MORE": "moins vite rapide facile mieux meilleure",
    "MUCH": "plus",
    "BELIEVE": "croyons pensons espérons",
    "PREPARE": "préparation prépar*",
    "NOT": "pas jamais",
    "GOAL": "objectif objectifs but sprint sprints",
    "BLANK": """
        voir_tableau voir_le_tableau voir_backlog pas_d'objectif définir tbd renseigner exemple aucun à_compléter
        à_définir""",
}

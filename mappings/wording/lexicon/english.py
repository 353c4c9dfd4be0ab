"""English, in full. `*` stands for any ending, `_` for a blank or hyphen inside a phrase."""

WORDS: dict[str, str] = {
    "AND": "and or plus as_well_as while also additionally then",
    "FROM": "from",
    "TO": "to in_order_to",
    "LEVEL": """
        under below within less_than fewer_than more_than at_least at_most no_more_than no_less_than above over
        exceed* up_to minimum maximum or_less or_more or_better or_higher or_lower never_more beyond""",
    "UNIT": """
        second seconds sec secs ms millisecond* minute minutes min mins hour hours hr hrs day days week weeks
        working_days business_days click clicks tap taps step steps attempt attempts""",
    "TIMES": "twice half threefold twofold tenfold halv* doubl* tripl* two_thirds a_third one_third a_quarter",
    "DELIVER": """
        cut_over localis* localiz*
        build* built implement* creat* develop* add adds added adding ship ships shipped shipping releas* launch*
        deploy* deliver* publish* write writing written wrote document documents documented documenting design
        designs designed designing set_up setup setting_up configur* integrat* migrat* refactor* rewrit* redesign*
        install* code coded coding fix fixes fixed fixing resolv* merg* produc* generat* draft* introduc* lay
        connect* updat* upgrad* polish* clean* convert* extend* automat* render* hook_up wire wiring replac*
        rebuild* port ported porting make_available roll_out rolling_out rollout put_in_place author* expose exposes
        exposing provision* scaffold* style styling structur* initiali* containeri* dockeri* host hosting
        instrument* enhanc*_ui map mapping mapped rework_the rearrang* restructur* outline* sketch* prototyp*
        animat* modulari* decoupl* define defines defining defined specif* formali* unblock* add_support stabili*
        harden* implemention patch* implment*""",
    "FINISH": """
        finish* complet* finali* close_out closing_out close closes closed closing wrap_up wrapping_up wrap clos*
        tie_up get_through conclude* done_with land landing burn_down clear_out clear_the_backlog""",
    "WORK": """
        optimization optimizations optimisation optimisations enhancement enhancements
        work_on working_on continu* start starts starting started begin begins beginning began progress
        make_progress making_progress proceed* advance* keep_working focus_on move_forward carry_on review* revisit*
        discuss* align* coordinat* plan plans planning refin* groom* schedul* maintain_momentum iterat* further
        furthering""",
    "ENABLE": "enabl* allow* let lets letting permit* empower* give gives giving provid* offer* make_it_possible",
    "CAN": "can could able_to ability_to be_able capab* ability be_possible as_a as_an",
    "UP": """
        streamlin* simplif* win_back bring_back
        increas* improv* rais* grow grows growing grew growth boost* enhanc* expand* accelerat* maximi* strengthen*
        optimi* lift lifts lifted lifting speed_up speeding_up uplift scale_up gain* widen* elevat* faster_time
        higher doubling climb* rise rises rising better_the deepen* enlarg* exceed_the push_up""",
    "DOWN": """
        de_risk de_risks de_risking derisk* stop_the
        reduc* decreas* cut cuts cutting lower lowers lowered lowering shorten* minimi* eliminat* shrink* prevent*
        lessen* drop drops dropped dropping fall falls falling fell halve halves halving cut_down bring_down down_to
        get_rid diminish* mitigat* slash* avoid* stop_losing trim* remove_the_need fewer_people go_down goes_down
        alleviat* ease eases easing""",
    "KEEP": "keep keeps maintain* sustain* ensur* retain* stay stays staying remain* hold_steady guarantee*",
    "REACH": "achiev* reach* hit hits hitting attain* get gets getting got earn* obtain* receiv* score",
    "BE": "is are be been being was were become becomes becoming made make makes making has have had feels",
    "SUPPORT": """
        support* handle* handling run runs works working work scale scales serves respond* load loads returns
        perform performs""",
    "VALIDATE": """
        validat* verif* prove proves proving proof test tests testing tested confirm* check checks checking
        a/b_test*""",
    "LEARN": """
        learn* understand_why understand_how understand_whether understand_what explor* investigat* discover*
        determin* identify identif* gather_insight* gain_insight* get_insight* uncover* diagnos* pinpoint*
        clarify_which clarify_whether""",
    "FINDOUT": """
        to_inform
        find_out finding_out figure_out figuring_out see_if see_whether learn_if learn_whether learn_what learn_how
        learn_which learn_why determine_if determine_whether understand_if test_whether test_if validate_that
        know_whether know_if how_might_we can_we should_we do_we will_users do_users would_users answer_the_question
        root_cause decide_whether decide_if prove_that prove_or_disprove establish_whether get_evidence
        evidence_that gather_evidence find_evidence confirm_whether confirm_that_users check_whether check_if
        find_the_cause""",
    "DECIDE": """
        decide* deciding decision decisions choos* chose pick select_between make_a_call evaluat* assess* compar*
        weigh settle""",
    "WHETHER": "whether",
    "WH": "why how what which where when who whose",
    "IF": "if",
    "DOUBT": """
        hypothes* assumption* feasib* unknown unknowns uncertain* viab* question questions risk_that doubt* desirab*
        technical_risk riskiest biggest_risk risky product_market_fit problem_solution_fit willingness_to_pay demand
        customer_validation market_validation problem_discovery customer_discovery product_discovery
        problem_validation open_question* value_proposition_fit proof_of_value experiment*""",
    "SPIKE": "spike spikes poc proof_of_concept proofs_of_concept",
    "RESEARCH": """
        research* interview* usability_test* usability_testing user_testing discovery feedback insight insights""",
    "DO": """
        sponsor* fund funds recruit_testers
        collect collects collecting gather gathers gathering
        conduct* organise* organize* organising organizing hold held attend* host_a hosting_a train trains trained
        trainings run_a run_an participat* meet meets met speak* present presents presented presenting promot*
        contact* reach_out visit_* introduce_a arrange* communicat* coach* mentor* facilitat* invite* undertake*
        perform_a carry_out spend spends devote* dedicat* track tracks tracking analys* analyz* survey surveys_run
        engage_with run_* do prioriti* join share sharing sync""",
    "HIRE": """
        hire hires hiring hired recruit* headcount staffing onboard_new_hires new_hires new_hire open_role* vacanc*
        job_offer*""",
    "DONE": """
        in_place documented completed implemented finished available exists exist is_live goes_live go_live live
        released is_done are_done done operational functional functioning published established ready merged
        end_to_end""",
    "PEOPLE": """
        user users customer customers client clients buyer buyers shopper shoppers visitor visitors student students
        teacher* developer developers teams candidate* applicant* patient* merchant* agent agents admins admin
        administrators administrator employee* reader readers learner* driver* player players tenant tenants guest*
        subscriber_s seller* donor* member_s farmer* nurse* doctor* parent parents child children citizen* people
        everyone anyone volunteer* operator operators manager managers caregiver* traveller* traveler* passenger*
        owner owners host hosts attendee* participant* recruiter* job_seekers stakeholder* analysts analyst
        accountants colleagues viewers listeners partners prospects freelancers residents households shops
        restaurants contributors maintainers researchers sales_teams sales_reps support_agents editors authors
        borrowers tester testers team_members engineers newcomers staff new_joiners companies accounts organizations
        organisations clinicians pharmacists dispatchers couriers technicians""",
    "FEEL": """
        understand* know knows trust trusts feel feels confident confidently love loves happy satisfied recommend*
        succeed* successful find finds discover_* return returning come_back comes_back stay_longer prefer prefers
        choose_us save saves saving spend_less waste wastes easily quickly self_serve self_service rely relies
        relying notice* enjoy* realise realize recogni* consider perceive* aware informed in_control delighted
        engaged experience_value remember* stick switch abandon abandons repeat buy buys purchase_more book_again
        convert converts adopt adopts""",
    "USE": """
        use uses using used usage utili* interact* visit visits log_in sign_in sign_up register* navigate* access
        view views_the""",
    "METRIC": """
        violations violation sales_cycle sales_cycles acceptance_rate crash_free crash_free_users
        constraint_violations double_booking* collisions
        conversion* retention churn* adoption satisfaction nps net_promoter* csat ces latency uptime availability
        downtime response_time* load_time* loading_time* page_load page_speed load_speed throughput bounce_rate
        abandonment abandon_rate drop_off drop_offs dropoff completion_rate activation engagement dau wau mau
        dau/mau swau* active_user* daily_active* weekly_active* monthly_active* lead_time* cycle_time* mttr mtbf
        time_to_value time_to_first_value time_to_first incident* support_tickets tickets_per support_requests
        support_calls support_load complaint* error_rate* errors failure failures failure_rate rework wait_time*
        waiting_time* wait waiting crash_rate crashes outage* refund_rate return_rate returns_rate repeat_purchase*
        referral_rate stickiness session_length session_duration turnaround* processing_time delivery_time
        resolution_time time_to_resolution first_response handling_time onboarding_time onboarding_completion
        completion success_rate pass_through click_through_rate ctr open_rate rate rates ratio percentage share_of
        hours_spent time_spent manual_work manual_effort manual_time manual_steps p95 p99 p50 slo sla apdex
        rollback* change_failure* deployment_frequency failed_deployments defect_rate defects_reported bug_reports
        escalation* drop_out dropout abandonment_rate star_rating rating ratings review_score absenteeism turnover
        attrition employee_engagement enps wellbeing stress burnout overtime response_rate no_shows no_show
        cancellation* reorder_rate repeat_orders basket_size frequency accuracy precision false_positives
        false_alarms mistakes duplicate_payments fraud data_loss reopen_rate queue_length backlog_age
        velocity_of_delivery monthly_actives weekly_actives actives sessions_per usage_of sign_up_rate signup_rate
        opt_in_rate signups sign_ups win_rate footfall occupancy utilisation utilization""",
    "QUALITY": """
        risk risks exposure waste paperwork lockouts manual_reconciliation
        performance reliability security stability experience user_experience usability ease_of_use scalability
        resilience accessibility speed efficiency friction effort safety productivity responsiveness robustness
        quality_of_service checkout_experience onboarding_experience developer_experience findability
        discoverability ux load_handling pain_point* pain frustration confusion trustworth* bottleneck*
        interruption* disruption* delays delay blocker_for dependency_on reliance fairness privacy compliance
        consistency maintainability transparency service_quality customer_service ease flexibility""",
    "SMOOTH": """
        manageable understandable affordable comprehensible comfortable comfortably predictable transparent
        smooth* seamless* frictionless painless* effortless* secure securely reliable reliably dependable fast quick
        responsive enjoyable pleasant intuitive easy engaging trustworthy stable resilient meaningful personal_and
        safe safely""",
    "TIME": "time times hours_of minutes_of duration",
    "EFFECT": """
        clarity confidence understanding trust_in awareness peace_of_mind control_over visibility_into visibility
        assurance interest motivation loyalty credibility empowerment value_to clear_understanding sense_of
        sense_of_control comfort time_savings reassurance certainty belonging convenience insight_into""",
    "CODE": """
        engineering_quality engineering_standards training_data test_data training_set
        coverage test_coverage code_coverage unit_test_coverage lint linting lint_errors warnings lines_of_code loc
        technical_debt tech_debt code_quality code_smell* cyclomatic* complexity unit_tests number_of_tests
        test_pass_rate tests_pass passing_tests code_base codebase bundle duplication dead_code type_errors lines
        vulnerabilities_in_code typescript_errors compiler_warnings static_analysis sonar* e2e_tests unit_test""",
    "ARTEFACT": """
        portal portals platform platforms protocol protocols password passwords input inputs field fields learning_flow
        dataset datasets data_set data_sets section sections curriculum persistence isolation chapter chapters
        learning_flows learning_path learning_paths learning_module* learning_platform machine_learning deep_learning
        e_learning microservice* middleware wizard wizards kiosk cli mockups
        feature features functionality functionalities page pages dashboard* api apis endpoint* app apps application
        applications module* component* ui gui frontend backend front_end back_end screen screens form forms docs
        documentation doc spec specs report reports database db pipeline* prototype* mvp wireframe* mockup* mock_ups
        integration integrations library sdk plugin* extension* post posts article* blog_post* guide guides handbook
        playbook* template* process processes policy policies roadmap* tool tools system systems site website
        web_site framework* architecture schema* script scripts service services login authentication auth search
        filter filters button* menu* navigation landing_page profile profiles chat notification* email emails
        interface version v1 v2 beta alpha release_candidate infrastructure server cluster ci cd ci/cd docker
        kubernetes terraform environment* logging monitoring config* model models algorithm* parser parsing
        validator* engine engines foundation foundations core basics skeleton boilerplate base repo repository
        readme tutorial* video videos newsletter* webinar_recording case_study_page knowledge_base faq wiki diagram*
        presentation slides document documents contract_template strategy checklist* framework_for standard
        standards workflow workflows flow flows logic code_review_tool bot bots game games level levels map_view
        map_screen widget* chart charts table tables export exports import imports upload uploads download_feature
        payment payments checkout cart sso oauth oauth2 two_factor mfa permissions roles role settings homepage
        home_page wireframes persona personas journey_map* system_test* load_tests load_test performance_tests
        performance_test stress_tests security_tests security_controls performance_testing test_suite test_cases
        test_plan regression_tests integration_tests e2e_test hot_reload* error_message* error_messages
        error_handling error_page error_pages security_documentation security_fixes security_scan* user_interface
        design_system style_guide brand_guide logo content copy data_model data_layer search_page response_page
        support_for linting_rules backlog onboarding_flow onboarding_page onboarding_content email_campaign_tool
        calculator planner scheduler cron_job webhook* crud sign_up_page registration_page suite copilot
        visualization visualisation program programs guidelines roadmap_doc""",
    "TASKS": """
        story stories user_story user_stories ticket tickets task tasks issue issues bug bugs item items pr prs
        pull_request* subtask* backlog_items epic epics story_points points_of work_items leftovers leftover*
        remaining_work carry_over carryover todos action_items musts pbi* pb_s remaining everything as_many_as
        as_much_as various acceptance_criteria""",
    "MILESTONE": """
        demo next_sprint next_sprints future_sprints next_release go_live_date review_meeting milestone* phase
        sprint_review deadline showcase first_release general_release production release_of submission
        production_ready production_readiness mainnet code_freeze feature_complete sign_off uat pilot stage_gate""",
    "ACTIVITY": """
        stream streams livestream* episodes podcast podcasts introductions intros inquiries enquiries
        due_diligence guest_appearances kickoff kick_off
        meeting* workshop* talk talks conference* training session sessions campaign* event events meetup* webinar*
        retrospective* retro retros standup* stand_ups ceremony ceremonies hackathon* calls call 1:1* one_on_one*
        outreach code_reviews pair_programming town_hall* offsite* check_in check_ins surveys survey_rounds
        questionnaire* reviews_held interviews user_interviews customer_interviews experiments_run experiments
        brainstorm* lunch_and_learn* office_hours knowledge_sharing postmortem* post_mortem* onboarding_calls ama
        amas podcast_appearances roadshow* networking sprints_held visits_to tests_run a/b_tests team_members_attend
        culture""",
    "STAFF": """
        team_member engineer of_the_team our_team the_team team each_engineer every_engineer each_team every_team
        manager_s""",
    "MONEY": """
        quota quotas pre_seed funding_round seed_funding receivable* average_ticket subscription_size pre_orders
        average_subscription close_the_round outstanding_invoices
        revenue revenues arr mrr profit* margin margins ebitda bookings gmv funding budget cost costs spend_on cac
        ltv pipeline_value sales_pipeline deal_size deal_value net_dollar_retention dollar_retention gross_margin
        turnover_of income earnings valuation cash_flow cashflow runway roi expenses expenditure acv nrr
        net_revenue_retention grr revenue_retention average_order_value aov arpu invoice_value sales donations
        investment series_a seed_round pipeline_coverage iarr upsell cross_sell monetary saas_spend cloud_bill
        hosting_bill burn_rate net_new""",
    "VANITY": """
        forks docker_pull docker_pulls image_pulls container_pulls pip_installs subscriber_list mailing_list
        email_list waiting_list waitlist citations pypi_downloads github_forks
        organic_clicks organic_traffic organic_visits organic_search_visits backlinks search_visits
        follower* views impressions mentions reach_of downloads stars likes subscribers members registered_users
        registrations traffic website_visits visits_per page_views pageviews readers tweets retweets
        newsletter_subscribers total_accounts accounts_created visitors_per unique_visitors social_media installs
        shares_on media_coverage press_coverage brand_awareness hits_on fans audience subscribers_to
        youtube_subscribers github_stars likes_on linkedin twitter instagram facebook tiktok publicity buzz
        publications site_visits web_traffic video_views member_count community_size user_base_of sign_ups_to
        newsletter_signups visibility_in share_of_voice""",
    "ADOPT": """
        onboard onboarded onboarding onboards adopt adopting adopted migrate_users user_base user_set rollout_to
        early_adopters""",
    "BINARY": """
        approval approved approve_our certified certification* certificate accredit* audited audit passed_the
        iso_27001 iso soc_2 soc2 hipaa fedramp pci pci_dss gdpr_audit award awarded patent licence_granted
        license_granted agreement_with signed sign_the win_the win_a contract_with listed accepted_into accepted_by
        partnership selected_as endorsed endorsement merger acquisition permit_granted regulator* court
        planning_permission acceptance_by adopted_by_the board_decision named_as ranked admitted grant ce_mark fda
        kitemark ato signs""",
    "BEST": """
        best world_class leading leader number_one #1 top goto go_to love_it delightful amazing great awesome
        rock_solid market_leader most_loved most_trusted category_leader thriving vibrant inviting excellent
        first_choice home_for""",
    "SOTHAT": """
        enough_that enough_to enough_for so_that so such_that which_means meaning_that thereby thus hence
        resulting_in leading_to leads_to
        so_as_to""",
    "INSTEAD": """
        stop stops stopped
        instead_of rather_than no_longer any_more anymore instead not_have_to do_not_have_to don't_have_to
        never_have_to""",
    "WITHOUT": "without free_of zero no",
    "BY": "by through via using_a",
    "MORE": """
        faster quicker easier fewer less sooner smoother simpler safer earlier cheaper closer longer stronger
        happier clearer higher_quality measurably noticeably significantly""",
    "MUCH": "more better most much higher greater stronger larger",
    "BELIEVE": "believe believes we_expect we_hope expected_to aims_to",
    "PREPARE": """
        in_preparation preparation prepare prepares preparing ready_for readiness get_ready in_time_for
        in_advance_of ahead_of in_support_of groundwork lay_the_groundwork for_the_next so_we_can so_that_we_can""",
    "NOT": "not never don't doesn't isn't aren't won't cannot can't",
    "GOAL": """
        goal goals kr krs sprint_goal sprint sprints objective objectives aim focus outcome_statement key_result okr
        okrs smart statement description placeholder""",
    "BLANK": """
        tbd tba tbc todo n/a none nothing to_be_defined to_be_determined to_be_decided to_be_discussed
        to_be_confirmed to_be_added not_defined not_set undefined pending lorem ipsum coming_soon fill_in insert
        describe your_goal goal_here no_goal not_yet your_sprint xxx example placeholder_text to_be_written later
        unknown_yet""",
}

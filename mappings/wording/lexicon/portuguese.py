"""Portuguese, usable: the words of sprint goals and key results. `*` stands for any ending, `_` for a blank."""

WORDS: dict[str, str] = {
    "AND": "e ou além também",
    "FROM": "de do da desde",
    "TO": "a ao à até",
    "LEVEL": "menos_de mais_de abaixo acima pelo_menos no_máximo no_mínimo máximo mínimo",
    "UNIT": "segundo segundos minuto minutos hora horas dia dias semana semanas clique cliques passo passos",
    "TIMES": "metade dobro dobrar triplicar duplicar",
    "DELIVER": """
        constru* cri* desenvolv* implement* entreg* public* lanç* implant* projet* configur* integr* migr* refator*
        corrig* adicion* escrev* document* ger* estabelec* elabor* instal* atualiz* redesenh* prepar* automatiz*
        conceb* disponibiliz* montar reescrev*""",
    "FINISH": "termin* conclu* finaliz* fech* complet* resolv* encerr*",
    "WORK": "trabalh* continu* começ* avanç* inici* seguir planej*",
    "ENABLE": "permit* habilit* possibilit* oferec* viabiliz*",
    "CAN": "pode podem poderão possa possam consiga consigam capaz capazes",
    "UP": "aument* melhor* increment* cresc* aceler* otimiz* elev* subir fortalec* ampli* maximiz*",
    "DOWN": "reduz* diminu* baix* cort* encurt* minimiz* elimin* evit* cair",
    "KEEP": "mant* assegur* garant*",
    "REACH": "alcanç* atingir atinj* consegu* obter obten* chegar",
    "BE": "é são está estão seja sejam ser estar ter tem têm",
    "SUPPORT": "suport* funcion* carreg* respond*",
    "VALIDATE": "valid* verific* test* prov* comprov* confirm*",
    "LEARN": "aprend* investig* explor* entend* identific* determin* descobr*",
    "FINDOUT": "saber_se entender_por descobrir_se como_podemos incerteza entender_se descobrir_por saber_qual",
    "DECIDE": "decid* escolh* avali* compar* decisão",
    "WHETHER": "se",
    "WH": "por_que como qual quais quem onde",
    "DOUBT": "hipótese* suposiç* viabilidade incerteza* risco* pergunta* dúvida* experiment* disposição",
    "SPIKE": "spike spikes prova_de_conceito",
    "RESEARCH": "entrevist* pesquisa_com testes_com feedback",
    "DO": "realiz* organiz* particip* reuni* treinar coorden* prioriz* fazer conduzir",
    "HIRE": "contrat* recrut*",
    "DONE": "pronto pronta prontos disponível disponíveis publicado documentado funcional funcionando operacional",
    "PEOPLE": """
        usuári* utilizador* cliente* comprador* visitante* estudante* aluno* professor* desenvolvedor* funcionári*
        equipe equipes paciente* lojist* motorist* agente* pessoas candidat* leitor* colaborador* equipa""",
    "FEEL": """
        entendam compreend* confi* encontr* recomend* satisfeit* volt* compr* economiz* adot* prefir* facilmente
        rapidamente abandon* usam usem sabem reconhec* autonomia""",
    "USE": "usar utiliz* acess* cadastr* registr* entrar ver",
    "METRIC": """
        conversão retenção abandono satisfação nps latência disponibilidade taxa taxas adoção erros falhas
        incidentes reclamações chamados tickets espera rejeição ativação usuários_ativos percentual devoluções
        cancelamentos rotatividade ligações retrabalho filas atrasos""",
    "QUALITY": """
        desempenho confiabilidade segurança estabilidade experiência usabilidade velocidade eficiência fricção
        atrito escalabilidade escala acessibilidade qualidade produtividade facilidade performance""",
    "EFFECT": "clareza confiança compreensão transparência visibilidade tranquilidade interesse motivação",
    "TIME": "tempo tempos duração",
    "SMOOTH": "fluid* segur* confiáve* rápid* simples estáve* intuitiv* ágil",
    "CODE": "cobertura dívida_técnica qualidade_do_código avisos linhas_de_código testes_unitários",
    "ARTEFACT": """
        funcionalidade* função funções página* painel dashboard* api apis endpoint* aplicativo app aplicação módulo*
        componente* interface tela telas formulário* documentação relatório* banco_de_dados protótipo* mvp
        integração biblioteca artigo* guia guias manual processo* roteiro ferramenta* sistema* site web landing
        arquitetura esquema serviço* login autenticação busca filtro* perfil perfis chat notificaç* base
        infraestrutura servidor ambiente* exportação carrinho pagamento* estrutura pipeline solução""",
    "TASKS": "histórias história tarefa* ticket bug bugs pontos pendências backlog itens",
    "MILESTONE": "demo próxima_sprint próximo_sprint versão fase marco* lançamento entrega produção",
    "ACTIVITY": """
        workshop* oficina* reunião reuniões campanha* evento* palestra* conferência* pesquisa* sessões treinamento*""",
    "MONEY": "receita* lucro* margem custo* vendas orçamento faturamento rentab* mrr arr",
    "VANITY": "seguidores visitas impressões downloads alcance menções inscritos membros curtidas visualizações",
    "ADOPT": "onboarding integração_de",
    "BINARY": "aprovação certificação certific* prêmio contrato auditoria iso licença",
    "BEST": "melhor líder referência número_um favorit* excelente",
    "SOTHAT": "para_que de_modo_que de_forma_que assim para a_fim",
    "INSTEAD": "em_vez ao_invés não_precis*",
    "WITHOUT": "sem",
    "BY": "por através mediante",
    "MORE": "menos rápido rápida fácil antes maior menor",
    "MUCH": "mais",
    "BELIEVE": "acreditamos esperamos",
    "PREPARE": "preparação preparar",
    "NOT": "não nunca",
    "GOAL": "objetivo objetivos meta metas sprint sprints foco",
    "BLANK": """
        ver_quadro ver_backlog sem_objetivo definir pendente tbd preencher exemplo nenhum a_definir""",
}

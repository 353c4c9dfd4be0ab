"""Spanish, usable: the words of sprint goals and key results. `*` stands for any ending, `_` for a blank."""

WORDS: dict[str, str] = {
    "AND": "y e o además también",
    "FROM": "de desde del",
    "TO": "a al hasta",
    "LEVEL": "menos_de más_de por_debajo por_encima al_menos como_máximo como_mínimo máximo mínimo",
    "UNIT": "segundo segundos minuto minutos hora horas día días semana semanas clic clics paso pasos",
    "TIMES": "mitad doble duplicar triplicar",
    "DELIVER": """
        constru* cre* desarroll* implement* entreg* public* lanz* despleg* desplieg* diseñ* configur* integr* migr*
        refactor* corregi* correg* arregl* añad* agreg* escrib* document* gener* establec* elabor* instal* actualiz*
        rediseñ* defin* prepar* automatiz* present* habilitar_la reescrib* montar dejar_operativa dejar_operativo""",
    "FINISH": "termin* complet* finaliz* cerr* cierr* conclu* acab* resolv* resuelto",
    "WORK": "trabaj* continu* empez* empiez* comenz* comienz* avanz* inici* seguir planific* planear",
    "ENABLE": "permit* habilit* facilit* ofrec* brind* posibilit*",
    "CAN": "puede pueden podrán pueda puedan podrá poder capaz capaces",
    "UP": "aument* mejor* increment* crec* aceler* optimiz* elev* subir sube suba potenci* fortalec* ampli* maximiz*",
    "DOWN": "reduc* reduzc* dismin* baj* recort* acort* minimiz* elimin* evit* previen* preven* cae caiga",
    "KEEP": "manten* asegur* garantiz* conserv*",
    "REACH": "alcanz* logr* consegu* obten* llegar",
    "BE": "es son está están sea sean ser estar tener tiene tienen",
    "SUPPORT": "soport* admit* funcion* carg* respond*",
    "VALIDATE": "valid* verific* prob* prueb* comprob* confirm* demostr*",
    "LEARN": "aprend* investig* explor* entend* comprender_por identific* determin* descubr*",
    "FINDOUT": """
        averigu* saber_si entender_por cómo_podemos reducir_la_incertidumbre incertidumbre saber_qué entender_qué""",
    "DECIDE": "decid* elegir elij* evalu* compar* escog* decisión",
    "WHETHER": "si",
    "WH": "por_qué cómo qué cuál cuáles quién dónde",
    "DOUBT": """
        hipótesis supuesto* suposicion* viabilidad factibilidad riesgo* pregunta* duda* experiment* disposición""",
    "SPIKE": "spike spikes prueba_de_concepto",
    "RESEARCH": "entrevist* investigación pruebas_con retroalimentación feedback",
    "DO": "realiz* organiz* asist* particip* reuni* capacit* coordin* prioriz* llevar_a_cabo hacer",
    "HIRE": "contrat* reclut* incorpor*",
    "DONE": """
        listo lista operativo operativa disponible disponibles publicado documentado funcional funcionando
        operativas""",
    "PEOPLE": """
        usuario* usuaria* cliente* comprador* visitante* estudiante* alumno* docente* profesor* desarrollador*
        empleado* equipo equipos paciente* comerci* conductor* agente* personas padres candidato* vendedor* personal
        lector*""",
    "FEEL": """
        entiend* comprend* confí* confian* sab* encuentr* encontr* recomiend* satisfech* vuelv* compr* ahorr* adopt*
        prefier* fácilmente rápidamente valoran usan reconoc* abandonan consult*""",
    "USE": "usar utiliz* acced* registr* inici* sesión ver",
    "METRIC": """
        conversión retención abandono abandonos satisfacción nps latencia disponibilidad tasa tasas adopción errores
        fallos incidencias quejas tickets reclamos espera rebote activación usuarios_activos porcentaje consultas
        devoluciones caídas cancelaciones rotación ausentismo llamadas demora demoras retrabajo rendimiento_de
        interrupciones""",
    "QUALITY": """
        rendimiento fiabilidad confiabilidad seguridad estabilidad experiencia usabilidad velocidad eficiencia
        fricción escalabilidad accesibilidad calidad productividad facilidad""",
    "EFFECT": "claridad confianza comprensión transparencia visibilidad tranquilidad interés motivación valor",
    "TIME": "tiempo tiempos duración",
    "SMOOTH": "fluid* segur* confiable* rápid* sencill* estable* intuitiv* ágil",
    "CODE": "cobertura deuda_técnica calidad_del_código advertencias líneas_de_código pruebas_unitarias linter",
    "ARTEFACT": """
        funcionalidad* función funciones página páginas panel tablero* api apis endpoint endpoints aplicación app
        módulo* componente* interfaz pantalla* formulario* documentación informe* base_de_datos prototipo* mvp
        maqueta* integración biblioteca artículo* guía guías manual proceso* hoja_de_ruta herramienta* sistema*
        sitio web landing arquitectura esquema servicio* login autenticación búsqueda filtro* perfil perfiles chat
        notificacion* base infraestructura servidor entorno* exportación carrito pago pagos artefactos requisitos
        plataforma personaje etiquetas reporte*""",
    "TASKS": "historias historia tarea* ticket bug bugs puntos pendientes historias_de_usuario backlog elementos",
    "MILESTONE": "demo próximo_sprint siguiente_sprint versión fase hito* lanzamiento entrega producción",
    "ACTIVITY": """
        taller talleres reunión reuniones campaña* evento* charla* conferencia* encuesta* sesiones capacitacion*
        entrevistas""",
    "MONEY": "ingreso* beneficio* margen ganancia* costo* coste* ventas presupuesto facturación rentab* mrr arr",
    "VANITY": "seguidores visitas impresiones descargas alcance menciones suscriptores miembros likes vistas",
    "ADOPT": "onboarding incorporación adopción",
    "BINARY": "aprobación certificación certific* acreditación premio contrato auditoría iso licencia",
    "BEST": "mejor líder referente número_uno favorit* excelente",
    "SOTHAT": "para_que de_modo_que de_manera_que así_que con_el_fin para",
    "INSTEAD": "en_lugar en_vez ya_no",
    "WITHOUT": "sin",
    "BY": "mediante por través",
    "MORE": "menos rápido rápida fácil antes mayor menor",
    "MUCH": "más",
    "BELIEVE": "creemos esperamos",
    "PREPARE": "preparación preparar",
    "NOT": "no nunca",
    "GOAL": "objetivo objetivos meta metas sprint sprints enfoque",
    "BLANK": """
        ver_tablero ver_backlog sin_objetivo definir pendiente tbd completar_aquí ejemplo ninguno por_definir
        siguiendo_la_estructura""",
}

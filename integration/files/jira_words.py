"""What the words in a Jira CSV mean where only words are exported: types, status categories, statuses."""

from functools import lru_cache

from integration.trackers.jira.fields import FieldMapping
from integration.trackers.jira.history import Told
from integration.trackers.jira.site import SiteFacts, is_dropped
from mappings.model import Status


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_CATEGORIES = {
    Status.TODO: "to do|zu erledigen|à faire|por hacer|tareas por hacer|a fazer|itens pendentes|new|nuevo|pendiente",
    Status.DOING: "in progress|in arbeit|in bearbeitung|en cours|en curso|em andamento|indeterminate",
    Status.DONE: "done|fertig|erledigt|terminé|terminée|fini|finalizada|finalizado|listo|hecho|concluído|concluída|"
    "itens concluídos|complete|completado",
}
# Names of statuses that Jira ships with, for exports without the category.
_STATUSES = {
    Status.DOING: "in review|testing|in test|in prüfung|en revue|en revisión|em revisão",
    Status.DONE: "closed|resolved|geschlossen|gelöst|fermé|fermée|résolu|résolue|cerrada|cerrado|resuelta|resuelto|"
    "fechado|fechada|resolvido|resolvida|released",
}
_SUBTASKS = _words("sub-task|subtask|technical task|unteraufgabe|teilaufgabe|sous-tâche|subtarea|subtarefa|sub-tarefa")
_BASES = _words(
    "story|user story|task|bug|defect|improvement|new feature|spike|aufgabe|fehler|verbesserung|neue funktion|tâche|"
    "récit|bogue|anomalie|amélioration|tarea|historia|error|mejora|tarefa|história|erro|falha|melhoria"
)
_EPICS = _words("epic|epos|epik|épopée|épica|épico|epopeya|epopeia")
_ABOVE = _words("initiative|theme|iniciativa|initiativen|thème|tema")
_UNRESOLVED = _words(
    "unresolved|nicht erledigt|ungelöst|non résolu|non résolue|sin resolver|não resolvido|não resolvida|offen"
)
# The default resolutions of `integration.trackers.jira.fields`, as translated sites write them.
_DROPPED = _words(
    "wird nicht erledigt|wird nicht behoben|duplikat|ungültig|nicht reproduzierbar|kann nicht reproduziert werden|"
    "abgelehnt|ne sera pas fait|ne sera pas corrigé|doublon|invalide|impossible à reproduire|refusé|no se hará|"
    "no se corregirá|no se solucionará|duplicado|duplicada|inválido|inválida|no se puede reproducir|rechazado|"
    "rechazada|não será feito|não será corrigido|não é possível reproduzir|recusado|recusada"
)
_CATEGORY_OF = {word: status for status, words in _CATEGORIES.items() for word in words.split("|")}
_STATUS_OF = {**_CATEGORY_OF, **{word: status for status, words in _STATUSES.items() for word in words.split("|")}}


def level_of(type_: str) -> int | None:
    """By the type's name; None where it says nothing."""
    name = type_.casefold().strip()
    if name in _SUBTASKS:
        return -1
    if name in _EPICS:
        return 1
    if name in _BASES:
        return 0
    return 2 if name in _ABOVE else None


def is_resolution(text: str) -> bool:
    return text.strip() != "" and text.casefold().strip() not in _UNRESOLVED


@lru_cache(maxsize=1024)
def is_dropped_in_words(resolution: str) -> bool:
    told = Told(None, resolution.strip() or None)
    return resolution.casefold().strip() in _DROPPED or is_dropped(told, FieldMapping(), SiteFacts())


def status_in_words(category: str, status: str, resolution: str) -> Status | None:
    """By the category; without it by a resolution, then by the status's own name. None: not known."""
    found = _CATEGORY_OF.get(category.casefold().strip())
    if found is not None:
        return Status.DROPPED if found is Status.DONE and is_dropped_in_words(resolution) else found
    if is_resolution(resolution):
        return Status.DROPPED if is_dropped_in_words(resolution) else Status.DONE
    return _STATUS_OF.get(status.casefold().strip())

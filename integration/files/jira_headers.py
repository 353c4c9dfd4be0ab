"""The columns of a Jira CSV by what they hold, whatever the language of the person who exported it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# English, German, French, Spanish, Portuguese; Jira's own headers of several of its versions. Caseless.
_HEADERS: Mapping[str, str] = {
    "key": "issue key|key|work item key|vorgangsschlüssel|vorgangsschluessel|schlüssel|clé de ticket|"
    "clé de la demande|clé du ticket|clé|clave de incidencia|clave de la incidencia|clave|chave da item|"
    "chave do item|chave da pendência|chave",
    "id": "issue id|work item id|vorgangs-id|vorgangs-nr.|id de ticket|id du ticket|identifiant de la demande|"
    "id de demande|id de incidencia|id de la incidencia|id da pendência|id do item|id do ticket",
    "type": "issue type|work type|work item type|vorgangstyp|typ|type de ticket|type de demande|type|"
    "tipo de incidencia|tipo de pendência|tipo de item|tipo",
    "summary": "summary|zusammenfassung|résumé|récapitulatif|resumen|resumo",
    "status": "status|état|statut|estado",
    "category": "status category|statuskategorie|catégorie d'état|catégorie d’état|catégorie de statut|"
    "categoría de estado|categoria de estado|categoria do status|categoria de status",
    "category_changed": "status category changed|statuskategorie geändert|catégorie d'état modifiée|"
    "categoría de estado modificada|categoria do status alterada",
    "resolution": "resolution|lösung|résolution|resolución|resolução",
    "created": "created|erstellt|création|créé|créée|creada|creado|criado|criada|criado em",
    "updated": "updated|aktualisiert|mise à jour|mis à jour|actualizada|actualizado|actualización|atualizado|"
    "atualizada",
    "resolved": "resolved|erledigt|gelöst|résolu|résolue|resuelta|resuelto|resolvido|resolvida",
    "project": "project key|projektschlüssel|clé de projet|clé du projet|clave de proyecto|clave del proyecto|"
    "chave do projeto|chave de projeto",
    "parent": "parent|parent key|übergeordnet|übergeordneter vorgang|übergeordneter schlüssel|ticket parent|"
    "clé parente|principal|clave principal|padre|clave del padre|pai|chave do pai|item pai",
    "parent_id": "parent id|übergeordnete id|id parent|id du parent|id principal|id de principal|id padre|"
    "id del padre|id pai|id do pai",
    "sprint": "sprint",
    "labels": "labels|stichwörter|stichworte|étiquettes|etiquetas|rótulos|categorias",
    "components": "component/s|components|component|komponente(n)|komponenten|komponente/n|composant(s)|"
    "composants|componente(s)|componentes|componente",
    "estimate": "original estimate|ursprüngliche schätzung|estimation originale|estimation initiale|"
    "estimación original|estimativa original",
    "spent": "time spent|zeitaufwand|benötigte zeit|aufgewendete zeit|temps passé|temps consacré|tiempo trabajado|"
    "tiempo empleado|tempo gasto",
}
_PART_OF = {name: part for part, names in _HEADERS.items() for name in names.split("|")}
_CUSTOM = re.compile(
    r"(?:custom field|benutzerdefiniertes feld|benutzerdefinierte felder|champs? personnalisés?|campo personalizado)"
    r"\s*\((?P<name>.*)\)\s*",
    re.IGNORECASE | re.DOTALL,
)
_POINTS = (
    "story points", "story point estimate", "story-points", "storypoints", "schätzung der story points",
    "story-point-schätzung", "points de story", "story point", "puntos de historia", "estimación de story points",
    "pontos de história", "estimativa de story points",
)  # fmt: skip
_EPIC_LINKS = ("epic link", "epic-verknüpfung", "epos-verknüpfung", "lien d'epic", "lien d’epic", "lien epic",
    "lien d'épopée", "enlace a la épica", "enlace de epic", "enlace de épica", "link do epic", "link do épico",
)  # fmt: skip
_EPIC_NAMES = ("epic name", "epic-name", "epos-name", "nom d'epic", "nom de l'epic", "nom d’epic", "nombre de la épica",
    "nombre de epic", "nome do epic", "nome do épico",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of columns by part; each part may have several. `custom` are by caseless name of the field."""

    parts: Mapping[str, tuple[int, ...]]
    custom: Mapping[str, tuple[int, ...]]
    names: tuple[str, ...]  # the shown name of each column
    points: tuple[int, ...]
    epic_links: tuple[int, ...]
    epic_names: tuple[int, ...]

    def named(self, name: str) -> tuple[int, ...]:
        """The columns of a field that a person named, as the field or as the header."""
        wanted = _plain(name)
        own = _CUSTOM.fullmatch(name.strip())
        return self.custom.get(_plain(own["name"]) if own else wanted, ())


def columns_of(header: Sequence[str]) -> Columns:
    parts: dict[str, list[int]] = {}
    custom: dict[str, list[int]] = {}
    for index, cell in enumerate(header):
        match = _CUSTOM.fullmatch(cell.strip())
        name = _plain(match["name"]) if match else _plain(cell)
        part = None if match else _PART_OF.get(name)
        if part is not None:
            parts.setdefault(part, []).append(index)
        if name:
            custom.setdefault(name, []).append(index)
    return Columns(
        parts={part: tuple(found) for part, found in parts.items()},
        custom={name: tuple(found) for name, found in custom.items()},
        names=tuple(_shown(cell) for cell in header),
        points=_all_of(custom, _POINTS),
        epic_links=_all_of(custom, _EPIC_LINKS),
        epic_names=_all_of(custom, _EPIC_NAMES),
    )


def recognised(header: Sequence[str]) -> int:
    """How many of the cells are headers that we know: it tells the separator of a file."""
    return sum(_plain(cell) in _PART_OF or _CUSTOM.fullmatch(cell.strip()) is not None for cell in header)


def _all_of(custom: Mapping[str, list[int]], names: Sequence[str]) -> tuple[int, ...]:
    return tuple(index for name in names for index in custom.get(name, ()))


def _plain(cell: str) -> str:
    return " ".join(cell.split()).casefold()


def _shown(cell: str) -> str:
    match = _CUSTOM.fullmatch(cell.strip())
    return match["name"].strip() if match else cell.strip()

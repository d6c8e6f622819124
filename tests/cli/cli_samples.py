"""Dumps that we wrote ourselves, and what the tests of the command line share."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

HARBOUR = """\
Inicio > Economía

El puerto de Valmera ampliará sus muelles con fondos regionales

Compartir
12 comentarios

Por Irene Salgado Pons

La autoridad portuaria de Valmera anunció este martes que ampliará dos de sus muelles para recibir barcos de mayor calado. Las obras empezarán en otoño y durarán cerca de dos años, según explicó su presidenta, Carmen Ordás.

El proyecto costará 48 millones de euros, de los que el gobierno regional pagará algo más de la mitad. El resto saldrá de los ingresos del propio puerto y de un préstamo que todavía se negocia con dos bancos.

Los vecinos del barrio de pescadores pidieron que los camiones no crucen sus calles durante las obras. “Queremos el puerto, pero también queremos dormir”, dijo Joaquín Mella, que preside su asociación desde hace diez años.

La autoridad portuaria respondió que abrirá un acceso provisional por el norte y que publicará cada mes las mediciones de ruido y de polvo, como había pedido el ayuntamiento en sus alegaciones.

Lo más visto

Receta de la semana: caldo de pescado en media hora

LEER MÁS

Suscríbete a nuestro boletín

© 2025 El Faro de Valmera. Todos los derechos reservados.
"""
SCHOOL = """\
La escuela rural de Peñarrubia reabre después de once años

Once años después de cerrar por falta de alumnos, la escuela de Peñarrubia vuelve a tener clase. Siete niños de entre cuatro y diez años ocuparon el lunes los pupitres que sus padres habían lijado y barnizado durante el verano.

La maestra, Lucía Ferrán, llegó de la capital con su familia y vivirá en la casa que el municipio reformó junto a la plaza. “Aquí conozco a todos por su nombre desde el primer día”, contó mientras repartía los cuadernos.

El consejero de Educación prometió que la escuela seguirá abierta mientras haya al menos cinco alumnos. Otros tres pueblos del valle han pedido ya que se estudie su caso antes de que termine el curso.
"""
MENU = """\
Portada
Política
Economía
Deportes
Cultura
Suscríbete
Iniciar sesión
Contacto
Aviso legal
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON object a command printed."""
    return json.loads(done.stdout)

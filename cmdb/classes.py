"""All built-in classes of items, by key."""

from cmdb.catalogue import resolved
from cmdb.classes_agreements import AGREEMENTS_AND_PLACES
from cmdb.classes_common import COMMON
from cmdb.classes_hardware import HARDWARE
from cmdb.classes_network import NETWORK
from cmdb.classes_software import SOFTWARE

DECLARED = (*HARDWARE, *NETWORK, *SOFTWARE, *AGREEMENTS_AND_PLACES)
BUILT_IN = resolved(DECLARED, COMMON)

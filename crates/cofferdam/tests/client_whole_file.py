"""A published FHIR client (fhirpy), unmodified, reads every resource of one patient's file.

It knows the base address, a bearer token and the patient's id. It pages through every type that
the capability statement names, follows references to the directory, and prints each resource as
the text of its JSON.
"""

import json
import os

from fhirpy import SyncFHIRClient

base = os.environ["FHIR_BASE"]
patient_id = os.environ["FHIR_PATIENT"]
client = SyncFHIRClient(base, authorization="Bearer " + os.environ["FHIR_TOKEN"])

statement = client.execute("metadata", method="get")
kinds = {
    resource["type"]
    for resource in statement["rest"][0]["resource"]
    if any(interaction["code"] == "create" for interaction in resource["interaction"])
    and any(parameter["name"] == "patient" for parameter in resource.get("searchParam", []))
}
seen = {"Patient/" + patient_id: client.reference("Patient", patient_id).to_resource()}
for kind in sorted(kinds - {"AuditEvent", "Provenance"}):
    for resource in client.resources(kind).search(patient=patient_id).limit(50).fetch_all():
        name = kind + "/" + resource.id
        assert name not in seen, "told twice"
        seen[name] = resource


def references(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "reference" and isinstance(member, str):
                yield member
            else:
                yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


waiting = list(seen.values())
while waiting:
    for reference in set(references(waiting.pop().serialize())):
        kind, _, name = reference.partition("/")
        if kind.isalpha() and name and reference not in seen:
            seen[reference] = client.reference(kind, name).to_resource()
            waiting.append(seen[reference])

print(json.dumps([json.dumps(resource.serialize()) for resource in seen.values()]))

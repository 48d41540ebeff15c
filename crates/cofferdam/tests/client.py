"""A published FHIR client (fhirpy), unmodified, against one patient's file.

It knows the base address, a bearer token and the patient's id, and prints what it saw as JSON.
"""

import json
import os

from fhirpy import SyncFHIRClient

base = os.environ["FHIR_BASE"]
patient_id = os.environ["FHIR_PATIENT"]
client = SyncFHIRClient(base, authorization="Bearer " + os.environ["FHIR_TOKEN"])

patient = client.reference("Patient", patient_id).to_resource()
assert patient.id == patient_id

pages = client.resources("Observation").search(patient=patient_id).limit(7)
observations = pages.fetch_all()
first_page = pages.fetch()
assert len(first_page) == 7 and first_page[0].id == observations[0].id
assert len({observation.id for observation in observations}) == len(observations)
conditions = client.resources("Condition").search(patient=patient_id).limit(2).fetch_all()

subjects = {observation["subject"].to_resource().id for observation in observations[:3]}
with_encounter = next(o for o in observations if "encounter" in o)
encounter = with_encounter["encounter"].to_resource()
performer = encounter["participant"][0]["individual"].to_resource()

created = client.resource(
    "Observation",
    status="preliminary",
    code={"text": "grip strength"},
    subject=patient.to_reference(),
    valueQuantity={"value": 31.5, "unit": "kg"},
)
created.save()
created["status"] = "final"
created.save()
again = client.reference("Observation", created.id).to_resource()

print(
    json.dumps(
        {
            "family": patient["name"][0]["family"],
            "observations": len(observations),
            "conditions": len(conditions),
            "subjects": sorted(subjects),
            "encounter": encounter["resourceType"],
            "performer": performer["resourceType"],
            "created": created.id,
            "status": again["status"],
            "value": again["valueQuantity"]["value"],
            "version": again["meta"]["versionId"],
        }
    )
)

"""Writes bodies.json: the requests of cases.json as pyVmomi serializes them, for write-xml.test.ts to compare.

A second serializer with its own type tables: what it and ours agree upon is schema order, and no server is needed.
Needs pyvmomi 9.1.1.0. Usage: python3 generate.py (in this folder)
"""
import json
import re

from pyVmomi import SoapAdapter, VmomiSupport

NS = "urn:vim25"
VERSION = "vim.version.v8_0_1_0"
STUB = SoapAdapter.SoapStubAdapter("localhost", version=VERSION)
XSD = {
    "xsd:string": str,
    "xsd:int": VmomiSupport.GetVmodlType("int"),
    "xsd:long": VmomiSupport.GetVmodlType("long"),
    "xsd:boolean": bool,
}


def reference(value):
    return VmomiSupport.GetWsdlType(NS, value["type"])(value["value"], STUB)


def convert(value, declared):
    """Turns a value of cases.json into pyVmomi's, by the declared type of its property."""
    if value is None:
        return None
    if issubclass(declared, list):
        items = value if isinstance(value, list) else [value]
        return declared([convert(item, declared.Item) for item in items])
    if isinstance(value, dict) and value.get("$type") in XSD:
        return XSD[value["$type"]](value["value"])
    if isinstance(value, dict) and issubclass(declared, VmomiSupport.ManagedObject):
        return reference(value)
    if isinstance(value, dict):
        kind = VmomiSupport.GetWsdlType(NS, value["$type"]) if "$type" in value else declared
        made = kind()
        for name, inner in value.items():
            if name != "$type":
                setattr(made, name, convert(inner, made._GetPropertyInfo(name).type))
        return made
    if declared is type:
        return VmomiSupport.GetWsdlType(NS, value)
    return value if declared in (str, bool, int) else declared(value)


def body_of(case):
    receiver = reference(case["self"])
    info = VmomiSupport.GetWsdlMethod(NS, case["method"]).info
    unknown = set(case["args"]) - {parameter.name for parameter in info.params}
    if unknown:
        raise SystemExit(f"{case['method']} has no parameter {unknown}")
    args = [convert(case["args"].get(parameter.name), parameter.type) for parameter in info.params]
    text = STUB.SerializeRequest(receiver, info, args)
    text = text.decode() if isinstance(text, bytes) else text
    body = re.search(r"<soapenv:Body>\s*(.*?)\s*</soapenv:Body>", text, re.S).group(1)
    body = re.sub(r' versionId="[^"]*"', "", body)
    return re.sub(r">\s+<", "><", body)


def main():
    with open("cases.json", encoding="utf-8") as file:
        cases = json.load(file)
    with open("bodies.json", "w", encoding="utf-8") as file:
        json.dump([body_of(case) for case in cases], file, indent=1)
        file.write("\n")


main()

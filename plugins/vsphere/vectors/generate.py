"""The requests of cases.json as pyVmomi serializes them: a second serializer with its own type tables. What it and ours
agree upon is schema order, and no server is needed.

    python3 generate.py          writes bodies.json, which write-xml.test.ts compares without Python
    python3 generate.py --print  prints them afresh for vectors.real.test.ts, with the order that pyVmomi's tables give to
                                 the methods and types named on standard input

Needs pyvmomi 9.1.1.0.
"""
import json
import os
import re
import sys

from pyVmomi import SoapAdapter, VmomiSupport

NS = "urn:vim25"
VERSION = "vim.version.v8_0_1_0"
STUB = SoapAdapter.SoapStubAdapter("localhost", version=VERSION)
HERE = os.path.dirname(os.path.abspath(__file__))
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


def envelope_of(case):
    receiver = reference(case["self"])
    info = VmomiSupport.GetWsdlMethod(NS, case["method"]).info
    unknown = set(case["args"]) - {parameter.name for parameter in info.params}
    if unknown:
        raise SystemExit(f"{case['method']} has no parameter {unknown}")
    args = [convert(case["args"].get(parameter.name), parameter.type) for parameter in info.params]
    text = STUB.SerializeRequest(receiver, info, args)
    text = text.decode() if isinstance(text, bytes) else text
    # The server's own bookkeeping of versions, which no client has to send.
    return re.sub(r' versionId="[^"]*"', "", text)


def body_of(envelope):
    body = re.search(r"<soapenv:Body>\s*(.*?)\s*</soapenv:Body>", envelope, re.S).group(1)
    return re.sub(r">\s+<", "><", body)


def described(name, declared):
    """One property or parameter in the words of our tables."""
    declared = declared.Item if issubclass(declared, list) else declared
    if declared is object:
        return {"name": name, "kind": "any"}
    if issubclass(declared, VmomiSupport.ManagedObject):
        return {"name": name, "kind": "ref"}
    if issubclass(declared, VmomiSupport.DataObject):
        return {"name": name, "kind": "object", "type": VmomiSupport.GetWsdlName(declared)}
    return {"name": name, "kind": "scalar"}


def order_of_type(name):
    properties = VmomiSupport.GetWsdlType(NS, name)._GetPropertyList()
    return [described(one.name, one.type) for one in properties if one.name not in ("dynamicType", "dynamicProperty")]


def order_of_method(name):
    return [described(one.name, one.type) for one in VmomiSupport.GetWsdlMethod(NS, name).info.params]


def main():
    with open(os.path.join(HERE, "cases.json"), encoding="utf-8") as file:
        envelopes = [envelope_of(case) for case in json.load(file)]
    bodies = [body_of(envelope) for envelope in envelopes]
    if "--print" in sys.argv:
        asked = json.load(sys.stdin)
        types = {name: order_of_type(name) for name in asked["types"]}
        methods = {name: order_of_method(name) for name in asked["methods"]}
        json.dump({"envelopes": envelopes, "bodies": bodies, "types": types, "methods": methods}, sys.stdout)
        return
    with open(os.path.join(HERE, "bodies.json"), "w", encoding="utf-8") as file:
        json.dump(bodies, file, indent=2, ensure_ascii=False)
        file.write("\n")


main()

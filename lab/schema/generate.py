#!/usr/bin/env python3
"""Writes the vim25 schema tables of the simulator from pyVmomi's own type tables.

    python3 -m venv <venv> && <venv>/bin/pip install pyvmomi==9.1.1.0
    <venv>/bin/python lab/schema/generate.py lab/src/vim25

Two files come out: `schema.generated.ts` (names, order, optionality, arrays, base types, privileges; read by the strict
parser and by the serializer) and `types.generated.ts` (TypeScript types of what can arrive in a request).
"""

import importlib.util
import pathlib
import re
import sys

MANAGED = """ServiceInstance SessionManager PropertyCollector PropertyFilter ViewManager ContainerView ListView SearchIndex
TaskManager Task EventManager AuthorizationManager UserDirectory ManagedEntity Folder Datacenter ComputeResource
ClusterComputeResource HostSystem ResourcePool Datastore Network DistributedVirtualSwitch VmwareDistributedVirtualSwitch
DistributedVirtualPortgroup VirtualMachine VirtualMachineSnapshot HostDatastoreBrowser HostDatastoreSystem
HostNetworkSystem OptionManager HostServiceSystem HostFirewallSystem HostDateTimeSystem HostLocalAccountManager
HostAccessManager FileManager VirtualDiskManager EnvironmentBrowser HostStorageSystem View ManagedObjectView
LicenseManager EventHistoryCollector TaskHistoryCollector HistoryCollector""".split()

METHODS = """RetrieveServiceContent CurrentTime Login Logout SessionIsActive CreateFilter CreatePropertyCollector
DestroyPropertyCollector DestroyPropertyFilter RetrieveProperties RetrievePropertiesEx ContinueRetrievePropertiesEx
CancelRetrievePropertiesEx WaitForUpdatesEx WaitForUpdates CheckForUpdates CancelWaitForUpdates CreateContainerView
CreateListView ModifyListView ResetListView DestroyView FindByUuid FindAllByUuid FindByInventoryPath FindByDatastorePath
FindByIp FindAllByIp FindByDnsName FindAllByDnsName FindChild CreateCollectorForTasks CancelTask QueryEvents
CreateCollectorForEvents ReadNextEvents ReadPreviousEvents ReadNextTasks DestroyCollector SetCollectorPageSize RewindCollector
AddAuthorizationRole UpdateAuthorizationRole RemoveAuthorizationRole SetEntityPermissions RemoveEntityPermission
ResetEntityPermissions RetrieveEntityPermissions RetrieveAllPermissions RetrieveRolePermissions HasPrivilegeOnEntities
HasPrivilegeOnEntity FetchUserPrivilegeOnEntities RetrieveUserGroups Destroy_Task Rename_Task Reload CreateFolder
MoveIntoFolder_Task CreateVM_Task RegisterVM_Task PowerOnMultiVM_Task CloneVM_Task ReconfigVM_Task PowerOnVM_Task
PowerOffVM_Task ResetVM_Task SuspendVM_Task ShutdownGuest RebootGuest UnregisterVM CreateSnapshot_Task
RevertToCurrentSnapshot_Task RemoveAllSnapshots_Task ConsolidateVMDisks_Task RevertToSnapshot_Task RemoveSnapshot_Task
RenameSnapshot RelocateVM_Task MigrateVM_Task AnswerVM MarkAsTemplate MarkAsVirtualMachine UpgradeVM_Task
CreateNasDatastore RemoveDatastore RemoveDatastoreEx_Task DestroyDatastore RefreshDatastore
RefreshDatastoreStorageInfo RenameDatastore SearchDatastore_Task SearchDatastoreSubFolders_Task DeleteFile MakeDirectory
CopyDatastoreFile_Task MoveDatastoreFile_Task DeleteDatastoreFile_Task AddVirtualSwitch UpdateVirtualSwitch
RemoveVirtualSwitch AddPortGroup UpdatePortGroup RemovePortGroup AddVirtualNic UpdateVirtualNic RemoveVirtualNic
UpdateIpRouteConfig UpdateIpRouteTableConfig UpdateDnsConfig UpdateConsoleIpRouteConfig UpdateNetworkConfig UpdateOptions
QueryOptions StartService StopService RestartService UpdateServicePolicy RefreshServices EnableRuleset DisableRuleset
UpdateRuleset RefreshFirewall UpdateDateTimeConfig RefreshDateTimeSystem QueryDateTime CreateUser UpdateUser RemoveUser
ChangeLockdownMode QueryLockdownExceptions UpdateLockdownExceptions EnterMaintenanceMode_Task ExitMaintenanceMode_Task
CreateDVPortgroup_Task AddDVPortgroup_Task ReconfigureDVPortgroup_Task QueryConfigOptionDescriptor QueryConfigOption
QueryConfigTarget PlaceVm QueryHostConnectionInfo CreateResourcePool RefreshNetworkSystem
RescanAllHba RescanVmfs RefreshStorageSystem AcquireCloneTicket CloneSession ImpersonateUser TerminateSession
CreateVirtualDisk_Task DeleteVirtualDisk_Task QueryVirtualDiskUuid ExtendVirtualDisk_Task InstantClone_Task
ReconfigureComputeResource_Task CreateScreenshot_Task 
CreateDatacenter CreateCluster""".split()

# What a plain client may read of events and faults; all other subtypes of these two are left out.
EVENTS = """Event EventEx VmEvent VmPoweredOnEvent VmPoweredOffEvent VmCreatedEvent VmRegisteredEvent VmRemovedEvent
VmClonedEvent VmReconfiguredEvent VmRelocatedEvent VmRenamedEvent UserLoginSessionEvent UserLogoutSessionEvent
BadUsernameSessionEvent SessionEvent TaskEvent GeneralUserEvent GeneralEvent VmMessageEvent""".split()


SIMPLE = {
    "vmodl.PropertyPath": "string", "vmodl.TypeName": "string", "vmodl.MethodName": "string", "vmodl.URI": "string",
    "vmodl.Binary": "base64Binary", "vmodl.DateTime": "dateTime", "vmodl.DataObject": "DynamicData", "type": "string",
    "vmodl.ManagedObject": "ManagedObject", "anyType": "anyType", "boolean": "boolean", "byte": "byte",
    "short": "short", "int": "int", "long": "long", "float": "float", "double": "double", "string": "string",
    "vmodl.MethodFault": "MethodFault", "void": "void",
}


def load():
    """Runs the type tables of pyVmomi with recorders in place of its constructors."""
    data, managed, enums = {}, {}, {}
    root = pathlib.Path(importlib.util.find_spec("pyVmomi").origin).parent
    names = {
        "F_LINK": 1, "F_LINKABLE": 2, "F_OPTIONAL": 4, "F_SECRET": 8,
        "CreateDataType": lambda name, wsdl, base, version, props: data.__setitem__(name, (wsdl, base, props or [])),
        "CreateManagedType": lambda name, wsdl, base, version, props, methods: managed.__setitem__(
            name, (wsdl, base, props or [], methods or [])),
        "CreateEnumType": lambda name, wsdl, version, values: enums.__setitem__(name, (wsdl, values)),
    }
    for file in ("_typeinfo_core.py", "_typeinfo_query.py", "_typeinfo_vim.py"):
        text = re.sub(r"^from .*$", "", (root / file).read_text(), flags=re.M)
        lines = [l for l in text.splitlines() if l.startswith(("CreateDataType", "CreateManagedType", "CreateEnumType"))]
        exec("\n".join(lines), names)  # pyVmomi's own generated tables: literals only
    return data, managed, enums


def main():
    out = pathlib.Path(sys.argv[1])
    data, managed, enums = load()
    data["vmodl.DynamicData"] = ("DynamicData", None, [])
    data["vmodl.MethodFault"] = ("MethodFault", None, [("faultCause", "vmodl.LocalizedMethodFault", "", 4),
                                                       ("faultMessage", "vmodl.LocalizableMessage[]", "", 4)])
    data["vmodl.RuntimeFault"] = ("RuntimeFault", "vmodl.MethodFault", [])
    data["vmodl.LocalizedMethodFault"] = ("LocalizedMethodFault", "vmodl.DynamicData",
                                          [("fault", "vmodl.MethodFault", "", 0), ("localizedMessage", "string", "", 4)])

    def wsdl(name):
        if name in SIMPLE:
            return SIMPLE[name]
        for table in (data, managed, enums):
            if name in table:
                return table[name][0]
        raise KeyError(name)

    def is_fault(name):
        while name in data:
            if name == "vmodl.MethodFault":
                return True
            name = data[name][1]
        return False

    # pyVmomi's tables say MethodFault where a property of the wire is a LocalizedMethodFault around it.
    for name, (_, _base, props) in data.items():
        if name != "vmodl.LocalizedMethodFault":
            props[:] = [(p[0], "vmodl.LocalizedMethodFault" + p[1][len(p[1].rstrip("[]")):], *p[2:])
                        if is_fault(p[1].replace("[]", "")) else p for p in props]

    def split(name):
        return (name[:-2], True) if name.endswith("[]") else (name, False)

    children = {}
    for name, (_, base, _p) in data.items():
        children.setdefault(base, []).append(name)

    wanted, enum_wanted, shaped = {}, {}, {}

    def want(name, subtypes, shape=False):
        name, _ = split(name)
        if name in enums:
            enum_wanted[name] = True
            if shape:
                shaped[name] = True
            return
        if name in SIMPLE and name not in data or name in managed or name not in data:
            return
        if name in ("vmodl.MethodFault", "vmodl.RuntimeFault"):
            subtypes = False
        level = (2 if shape else 1) if subtypes else 0
        if wanted.get(name, -1) >= level and (not shape or name in shaped):
            return
        wanted[name] = max(wanted.get(name, -1), level)
        if shape:
            shaped[name] = True
        _, base, props = data[name]
        if base:
            want(base, False, shape)
        for prop in props:
            want(prop[1], subtypes, shape)
        event = name == "vim.event.Event" or wsdl(name).endswith("Event")
        if subtypes and not event and name != "vmodl.DynamicData":
            for child in children.get(name, []):
                want(child, True, shape and child.startswith(("vim.vm.device", "vmodl.query", "vim.dvs", "vim.host.VirtualSwitch")))

    objects, methods = [], {}
    by_wsdl = {entry[0]: name for name, entry in managed.items()}
    for short in MANAGED:
        name = by_wsdl[short]
        _, base, props, calls = managed[name]
        base_name = managed[base][0] if base in managed else "ManagedObject"
        objects.append((short, base_name, props))
        for prop in props:
            want(prop[1], prop[1].startswith(("vim.vm", "vim.Datastore", "vim.DistributedVirtual", "vim.host")))
        for call in calls:
            if call[1] in METHODS:
                methods.setdefault(call[1], []).append((short, call))
                for parameter in call[3]:
                    want(parameter[1], True, True)
                want(call[4][2] if call[4][1] == "vim.Task" else call[4][1], True)
                want(call[4][1], True)
    for event in data:
        if data[event][0] in EVENTS:
            want(event, False)
    for fault in data:
        base = fault
        while base and base != "vmodl.MethodFault":
            base = data[base][1] if base in data else None
        if base and not re.search(r"\.(vsan|profile|sms|pbm|vslm|eam)\.", fault):
            want(fault, False)

    def field(prop, privilege=None):
        base, many = split(prop[1])
        text = prop[0] + ("?" if prop[3] & 4 else "") + ":" + wsdl(base) + ("[]" if many else "")
        return text + ("/" + privilege if privilege else "")

    lines = []
    for name in sorted(wanted, key=wsdl):
        base = data[name][1]
        lines.append(" ".join([wsdl(name), wsdl(base) if base else "-"] + [field(p) for p in data[name][2]]))
    object_lines = [" ".join([short, base] + [field(p, p[4]) for p in props]) for short, base, props in objects]
    method_lines = []
    for method in sorted(methods):
        for short, call in methods[method]:
            base, many = split(call[4][1])
            result = wsdl(base) + ("[]" if many else "")
            privilege = call[5] or "-"
            method_lines.append(" ".join([method, short, result, privilege] + [field(p, p[4]) for p in call[3]]))
    enum_lines = [" ".join([enums[n][0]] + enums[n][1]) for n in sorted(enum_wanted, key=wsdl)]
    managed_names = sorted({entry[0] for entry in managed.values()})
    wrapped, line = [], ""
    for item in managed_names:
        if len(line) + len(item) > 112:
            wrapped.append(line.strip())
            line = ""
        line += " " + item
    wrapped.append(line.strip())

    def block(title, doc, rows):
        return f"/** {doc} */\nexport const {title} = `\n" + "\n".join(rows) + "\n`;\n"

    head = "// Written by lab/schema/generate.py from the type tables of pyVmomi 9.1.1.0. Do not edit.\n\n"
    (out / "schema.generated.ts").write_text(head + "\n".join([
        block("dataTypes", "Type, base type, then its own properties in schema order; `?` is optional.", lines),
        block("managedTypes", "Managed type, base type, its own properties; behind `/` the privilege to read one.", object_lines),
        block("methodTypes", "Method, receiver, result, privilege, then its parameters in order, with their privileges.", method_lines),
        block("enumTypes", "Enumeration and its values.", enum_lines),
        block("managedNames", "Every managed type of vim25: a property of such a type is a reference.", wrapped)]))

    primitive = {"string": "string", "boolean": "boolean", "byte": "number", "short": "number", "int": "number",
                 "long": "number", "float": "number", "double": "number", "dateTime": "Date", "base64Binary": "Buffer",
                 "anyType": "VimValue", "DynamicData": "VimObject"}

    def ts(name):
        base, many = split(name)
        short = wsdl(base)
        if short in primitive:
            text = primitive[short]
        elif base in managed or short == "ManagedObject":
            text = "MoRef"
        elif base in enums:
            text = "string"
        elif base in shaped and wsdl(base) in emitted:
            text = short
        else:
            text = "VimObject"
        return f"readonly {text}[]" if many else text

    emitted = {wsdl(n) for n in shaped if n in data and n != "vmodl.DynamicData"}
    parts = [head.rstrip("\n"), "import type { MoRef, VimObject, VimValue } from './value.ts';", ""]
    for name in sorted((n for n in shaped if n in data and n != "vmodl.DynamicData"), key=wsdl):
        short, base, props = data[name]
        own = "".join(f"  {p[0]}{'?' if p[3] & 4 or p[1].endswith('[]') else ''}: {ts(p[1])}{' | undefined' if p[3] & 4 or p[1].endswith('[]') else ''};\n" for p in props)
        prefix = f"{wsdl(base)} & " if base and wsdl(base) in emitted else ""
        parts.append(f"export type {short} = {prefix}{{\n  $type: string;\n{own}}};")
    parts.append("\n/** Shapes by name, for `isA`. */\nexport interface Shapes {")
    parts += [f"  {n}: {n};" for n in sorted(emitted)]
    parts.append("}\n\n/** Arguments of each method, as the strict parser hands them over. */\nexport interface MethodArguments {")
    for method in sorted(methods):
        call = methods[method][0][1]
        args = " ".join(f"{p[0]}{'?' if p[3] & 4 or p[1].endswith('[]') else ''}: {ts(p[1])}{' | undefined' if p[3] & 4 or p[1].endswith('[]') else ''};" for p in call[3])
        parts.append(f"  {method}: {{ {args} }};" if args else f"  {method}: Record<never, never>;")
    parts.append("}\n")
    text = "\n".join(parts)
    used = [n for n in ("MoRef", "VimObject", "VimValue") if re.search(rf"\b{n}\b", text.split("\n", 4)[4])]
    text = text.replace("import type { MoRef, VimObject, VimValue }", "import type { " + ", ".join(used) + " }")
    (out / "types.generated.ts").write_text(text)
    print(len(lines), "types", len(object_lines), "objects", len(method_lines), "methods", len(emitted), "shapes")
    missing = [m for m in METHODS if m not in methods]
    if missing:
        print("not in the schema:", *missing)


main()

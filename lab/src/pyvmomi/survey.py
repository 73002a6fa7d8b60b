"""Reads everything of a vCenter or ESXi with VMware's own Python client, which refuses any answer that is not true to the
schema, and works one machine through its tasks. Prints what it saw as JSON. The machine: the first argument."""

import json
import sys

from pyVim.connect import Disconnect
from pyVmomi import vim, vmodl

from session import connect, entities, wait


def read_all(content, objects):
    """Every property of every object. A property that cannot be parsed raises here."""
    collector = content.propertyCollector
    seen = {}
    for managed in objects:
        spec = vmodl.query.PropertyCollector.FilterSpec(
            propSet=[vmodl.query.PropertyCollector.PropertySpec(type=type(managed), all=True)],
            objectSet=[vmodl.query.PropertyCollector.ObjectSpec(obj=managed)],
        )
        answer = collector.RetrievePropertiesEx([spec], vmodl.query.PropertyCollector.RetrieveOptions())
        for found in answer.objects if answer else []:
            name = found.obj._wsdlName
            kind = seen.setdefault(name, {"count": 0, "properties": set()})
            kind["count"] += 1
            kind["properties"].update(prop.name for prop in found.propSet)
    return {name: {"count": kind["count"], "properties": sorted(kind["properties"])} for name, kind in seen.items()}


def managers(content, found):
    """What is no entity: of the service and of each host."""
    yield content.authorizationManager
    yield content.sessionManager
    yield content.taskManager
    yield content.eventManager
    for host in found:
        if isinstance(host, vim.HostSystem):
            yield host.configManager.datastoreSystem
            yield host.configManager.networkSystem


def work(content, name):
    """On, a snapshot, back to it, off, without it: each a task that is waited for by updates."""
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    machine = next(vm for vm in view.view if vm.name == name)
    steps = []

    def step(label, task):
        steps.append(f"{label}: {wait(content, task)}, {machine.runtime.powerState}")

    step("power on", machine.PowerOnVM_Task())
    step("snapshot", machine.CreateSnapshot_Task("survey", "by pyVmomi", False, False))
    step("power off", machine.PowerOffVM_Task())
    step("revert", machine.snapshot.currentSnapshot.RevertToSnapshot_Task())
    step("remove", machine.snapshot.currentSnapshot.RemoveSnapshot_Task(False))
    # Not machine.snapshot: that is a Fetch, which vcsim answers wrongly for a property that is not set.
    if "snapshot" in read_all(content, [machine])["VirtualMachine"]["properties"]:
        raise AssertionError(f"{name} still has snapshots")
    return steps


def main():
    service = connect()
    try:
        content = service.RetrieveContent()
        found = entities(content)
        seen = read_all(content, found)
        seen.update(read_all(content, list(managers(content, found))))
        steps = work(content, sys.argv[1]) if len(sys.argv) > 1 else []
        json.dump({"api": content.about.apiType, "seen": seen, "steps": steps}, sys.stdout)
    finally:
        Disconnect(service)


main()

"""Reads everything of a vCenter or ESXi with VMware's own Python client, which refuses any answer that is not true to the
schema, and works one machine through its tasks. Prints what it saw as JSON. Where and who: the environment."""

import json
import os
import ssl
import sys

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl


def connect():
    context = ssl.create_default_context(cafile=os.environ["SURVEY_CERTIFICATE"])
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return SmartConnect(
        host=os.environ["SURVEY_ADDRESS"],
        port=int(os.environ["SURVEY_PORT"]),
        user=os.environ["SURVEY_USER"],
        pwd=os.environ["SURVEY_PASSWORD"],
        sslContext=context,
    )


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


def wait(content, task):
    """Waits by updates of the task's state. Not pyVim's WaitForTask: it insists on info.name, which vcsim makes up."""
    collector = content.propertyCollector
    watched = collector.CreateFilter(
        vmodl.query.PropertyCollector.FilterSpec(
            propSet=[vmodl.query.PropertyCollector.PropertySpec(type=vim.Task, pathSet=["info.state"])],
            objectSet=[vmodl.query.PropertyCollector.ObjectSpec(obj=task)],
        ),
        True,
    )
    version, state = "", None
    while state not in ("success", "error"):
        options = vmodl.query.PropertyCollector.WaitOptions(maxWaitSeconds=30)
        updates = collector.WaitForUpdatesEx(version, options)
        if updates is None:
            raise TimeoutError(f"{task} is still {state}")
        version = updates.version
        for update in (o for f in updates.filterSet for o in f.objectSet):
            for change in update.changeSet:
                state = change.val if state not in ("success", "error") else state
    watched.Destroy()
    if state == "error":
        raise task.info.error
    return state


def entities(content):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.ManagedEntity], True)
    found = list(view.view)
    view.Destroy()
    return [content.rootFolder, *found]


def managers(content, found):
    """What is no entity: of the service and of each host."""
    yield content.authorizationManager
    yield content.sessionManager
    yield content.taskManager
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
        steps = work(content, os.environ["SURVEY_MACHINE"]) if "SURVEY_MACHINE" in os.environ else []
        json.dump({"api": content.about.apiType, "seen": seen, "steps": steps}, sys.stdout)
    finally:
        Disconnect(service)


main()

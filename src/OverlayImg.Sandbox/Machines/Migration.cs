using System.Net.Sockets;
using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.Machines;

/// <summary>
/// Saves and loads the state of a machine by QEMU's migration. The state is that of the devices only, because the memory is in a file
/// (vm-images/PROTOCOL.md, "Saving a guest").
/// </summary>
internal readonly struct Migration(QmpClient monitor)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Writes the state of a paused machine.</summary>
    /// <exception cref="GuestException">The migration failed.</exception>
    /// <exception cref="IOException">The snapshot can't be written.</exception>
    /// <exception cref="QmpException">QEMU ended.</exception>
    public async Task SaveAsync(GuestSockets sockets, Snapshot snapshot, CancellationToken cancellationToken)
    {
        await LeaveMemoryOutAsync(cancellationToken);
        await monitor.ExecuteAsync("migrate", new JsonObject { ["uri"] = $"unix:{QemuCommandLine.StateSocket}" }, cancellationToken);
        string status;
        try
        {
            await using var state = new NetworkStream(await sockets.AcceptAsync(QemuCommandLine.StateSocket, cancellationToken), ownsSocket: true);
            await snapshot.WriteStateAsync(state, cancellationToken);
        }
        finally
        {
            // The stream ends a moment before QEMU reports the end of the migration. The migration also ends, failed, if writing the snapshot failed.
            while ((status = await StatusAsync("query-migrate", cancellationToken)) is "active" or "device" or "setup")
                await Task.Delay(Pause, cancellationToken);
        }

        if (status != "completed") throw new GuestException($"QEMU could not save the guest: its migration is '{status}'");
    }

    /// <summary>Has a QEMU with the arguments <see cref="QemuCommandLine.Incoming"/> load the state. The machine is paused afterwards.</summary>
    /// <exception cref="QmpException">QEMU refused the command, or ended.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await LeaveMemoryOutAsync(cancellationToken);
        await monitor.ExecuteAsync("migrate-incoming", new JsonObject { ["uri"] = QemuProcess.StateAddress }, cancellationToken);
        while (await StatusAsync("query-status", cancellationToken) == "inmigrate") await Task.Delay(Pause, cancellationToken);
    }

    private async Task LeaveMemoryOutAsync(CancellationToken cancellationToken)
    {
        var capability = new JsonObject { ["capability"] = "x-ignore-shared", ["state"] = true };
        await monitor.ExecuteAsync("migrate-set-capabilities", new JsonObject { ["capabilities"] = new JsonArray(capability) }, cancellationToken);
    }

    private async Task<string> StatusAsync(string query, CancellationToken cancellationToken)
    {
        var answer = await monitor.ExecuteAsync(query, null, cancellationToken);
        return answer.TryGetProperty("status", out var status) ? status.ToString() : "unknown";
    }
}

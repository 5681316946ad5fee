using System.Net.Sockets;
using OverlayImg.Sandbox.Ports;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;

namespace OverlayImg.Sandbox.Machines;

/// <summary>The three connections of a running QEMU.</summary>
/// <param name="Monitor">Connection to QEMU's monitor.</param>
/// <param name="Control">Connection to the guest's control port.</param>
/// <param name="Log">Connection to the guest's log port.</param>
internal sealed record MachinePorts(QmpClient Monitor, ControlPort Control, LogPort Log)
{
    /// <summary>Waits until QEMU has connected to all sockets and has sent its greeting.</summary>
    /// <exception cref="QmpException">The peer is not QEMU, or QEMU ended.</exception>
    public static async Task<MachinePorts> ConnectAsync(GuestSockets sockets, CancellationToken cancellationToken)
    {
        var connected = new List<Socket>();
        try
        {
            // The order in which QEMU connects.
            string[] names = [QemuCommandLine.MonitorSocket, QemuCommandLine.ControlSocket, QemuCommandLine.LogSocket];
            foreach (var name in names) connected.Add(await sockets.AcceptAsync(name, cancellationToken));
            var monitor = await QmpClient.ConnectAsync(new NetworkStream(connected[0], ownsSocket: true), cancellationToken);
            return new(monitor, new(connected[1]), new(connected[2]));
        }
        catch
        {
            foreach (var socket in connected) socket.Dispose();
            throw;
        }
    }
}

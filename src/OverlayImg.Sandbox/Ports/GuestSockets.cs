using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Sandbox.Ports;

/// <summary>
/// A private directory (mode 0700) with the sockets that one QEMU connects to. The sockets listen before QEMU starts.
/// </summary>
/// <remarks>
/// The address of a Unix socket has room for a path of 107 bytes, and the path of a cache directory is often longer. QEMU runs in the directory and
/// uses relative names. This process uses paths through <c>/proc/self/fd</c>.
/// </remarks>
internal sealed partial class GuestSockets : IDisposable
{
    // open(2): O_PATH is enough to look up names in the directory. The values are the same on x86-64 and arm64.
    private const int O_PATH = 0x200000, O_CLOEXEC = 0x80000;

    private readonly SafeFileHandle _handle;
    private readonly Dictionary<string, Socket> _listeners = [];

    private GuestSockets(string path, SafeFileHandle handle) => (Path, _handle) = (path, handle);

    /// <summary>Absolute path of the directory.</summary>
    public string Path { get; }

    /// <summary>Creates the directory <paramref name="path"/> and a listening socket for each name.</summary>
    /// <exception cref="MachineException">The directory or a socket can't be created.</exception>
    public static GuestSockets Create(string path, params IEnumerable<string> names)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var descriptor = Open(path, O_PATH | O_CLOEXEC);
            if (descriptor < 0) throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
            var sockets = new GuestSockets(path, new(descriptor, ownsHandle: true));
            try
            {
                foreach (var name in names) sockets.Listen(name);
                return sockets;
            }
            catch
            {
                sockets.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException)
        {
            throw new MachineException($"The sockets of the guest can't be made in {path}: {exception.Message}", exception)
            {
                Advice = new("Choose another place for the cache.", GuestSetting.CachePath),
            };
        }
    }

    /// <summary>Waits until QEMU connects to the socket <paramref name="name"/>, and closes the listener.</summary>
    public async Task<Socket> AcceptAsync(string name, CancellationToken cancellationToken)
    {
        var listener = _listeners[name];
        var socket = await listener.AcceptAsync(cancellationToken);
        listener.Dispose();
        return socket;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var listener in _listeners.Values) listener.Dispose();
        _handle.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    private void Listen(string name)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listeners.Add(name, listener);
        var descriptor = _handle.DangerousGetHandle().ToInt32();
        listener.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}/{name}")));
        listener.Listen(1);
    }
}

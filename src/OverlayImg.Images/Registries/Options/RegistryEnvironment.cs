using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OverlayImg.Images.Registries.Options;

/// <summary>The host services that a registry client uses. Tests replace them.</summary>
internal sealed partial record RegistryEnvironment
{
    /// <summary>Returns an environment variable's value; null if the variable is not set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Resolves a host name to addresses.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Opens a TCP connection, without TLS.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> ConnectAsync { get; init; } = ConnectSocketAsync;

    /// <summary>Chooses the proxy for a URL. The default follows <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c>.</summary>
    public IWebProxy Proxy { get; init; } = HttpClient.DefaultProxy;

    /// <summary>Returns the certificate authorities that are trusted for one registry in addition to the system's.</summary>
    public Func<string, TrustedAuthorities> AuthoritiesFor { get; init; } = TrustedAuthorities.For;

    /// <summary>The directory below which container tools keep credentials of users without <c>XDG_RUNTIME_DIR</c>.</summary>
    public string RunDirectory { get; init; } = "/run";

    /// <summary>The user whose credentials are read below <see cref="RunDirectory"/>.</summary>
    public uint UserId { get; init; } = GetUserId();

    /// <summary>Waits between two attempts.</summary>
    public Func<TimeSpan, CancellationToken, Task> DelayAsync { get; init; } = Task.Delay;

    /// <summary>The clock that the expiry of tokens and <c>Retry-After</c> dates are compared with.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    [LibraryImport("libc", EntryPoint = "getuid")]
    private static partial uint GetUserId();

    private static async Task<Stream> ConnectSocketAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

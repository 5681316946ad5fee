using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OverlayImg.Images.Registries.Options;

/// <summary>What a registry client takes from the machine. Tests replace it, because they have neither other hosts nor time to wait.</summary>
internal sealed partial record RegistryEnvironment
{
    /// <summary>A variable of the environment, or null.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The addresses of a host.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> ResolveAsync { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Opens a connection.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> ConnectAsync { get; init; } = ConnectSocketAsync;

    /// <summary>The proxy for each host, as <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c> say.</summary>
    public IWebProxy Proxy { get; init; } = HttpClient.DefaultProxy;

    /// <summary>The authorities that are trusted for one registry, beside those of the machine.</summary>
    public Func<string, TrustedAuthorities> AuthoritiesFor { get; init; } = TrustedAuthorities.For;

    /// <summary>The directory below which container tools keep the credentials of users who have no session directory of their own.</summary>
    public string RunDirectory { get; init; } = "/run";

    /// <summary>The user whose credentials are read below <see cref="RunDirectory"/>.</summary>
    public uint UserId { get; init; } = GetUserId();

    /// <summary>Waits.</summary>
    public Func<TimeSpan, CancellationToken, Task> DelayAsync { get; init; } = Task.Delay;

    /// <summary>The clock that tells when a token is too old.</summary>
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

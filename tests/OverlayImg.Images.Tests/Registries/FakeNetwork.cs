using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OverlayImg.Images.Registries;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>
/// A network of hosts with addresses that the test chooses. Its clients know no other hosts, skip all delays, and read
/// no files of the user.
/// </summary>
public sealed class FakeNetwork : IDisposable
{
    private readonly Dictionary<string, IPAddress> _names = [];
    private readonly Dictionary<IPAddress, FakeServer> _servers = [];
    private readonly Dictionary<string, string> _variables = [];
    private readonly List<IDisposable> _owned = [];
    private int _broken;

    /// <summary>A self-signed certificate, made once because that takes time.</summary>
    public static X509Certificate2 Certificate { get; } = MakeCertificate();

    /// <summary>The delays that the client asked for.</summary>
    public ConcurrentQueue<TimeSpan> Delays { get; } = new();

    /// <summary>A test's action that runs instead of each delay.</summary>
    public Func<Task> WhileWaiting { get; set; } = () => Task.CompletedTask;

    /// <summary>The addresses that the client tried to connect to.</summary>
    public ConcurrentQueue<IPEndPoint> Connections { get; } = new();

    /// <summary>Number of next connections that end before the server sends a byte.</summary>
    public int Broken
    {
        get => _broken;
        set => _broken = value;
    }

    /// <summary>Addresses that refuse connections.</summary>
    public ConcurrentBag<IPAddress> Refused { get; } = [];

    /// <summary>The errors of the next name resolutions.</summary>
    public ConcurrentQueue<SocketError> Failures { get; } = new();

    public IWebProxy Proxy { get; set; } = new WebProxy();

    public List<string> Warnings { get; } = [];

    /// <summary>The difference of the client's clock from the system's.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Sets an environment variable of the client.</summary>
    public string this[string variable]
    {
        set => _variables[variable] = value;
    }

    /// <summary>Starts a server that is a host of this network.</summary>
    public FakeServer Host(string name, string address, Func<FakeExchange, Task> answer, bool tls = false)
    {
        var server = Keep(new FakeServer(answer, tls ? Certificate : null));
        _names[name] = IPAddress.Parse(address);
        _servers[IPAddress.Parse(address)] = server;
        return server;
    }

    /// <summary>Starts a server on the loopback address, with its own port.</summary>
    public FakeServer Local(Func<FakeExchange, Task> answer, bool tls = false) => Keep(new FakeServer(answer, tls ? Certificate : null));

    public void Name(string name, string address) => _names[name] = IPAddress.Parse(address);

    /// <summary>Makes a client.</summary>
    /// <param name="plain">Whether <paramref name="registries"/> are accessed without TLS.</param>
    /// <param name="anyCertificate">Whether the certificates of <paramref name="registries"/> are not verified.</param>
    /// <param name="credentials">The path of a file with credentials; null for none.</param>
    /// <param name="limits">Changes the limits; null to keep them.</param>
    /// <param name="trusted">Whether <see cref="Certificate"/> is trusted as a certificate authority.</param>
    /// <param name="registries">The registries that <paramref name="plain"/> and <paramref name="anyCertificate"/>
    /// apply to; null for all.</param>
    public RegistryClient Client(
        bool plain = false, bool anyCertificate = false, string? credentials = null, Func<ShortLimits, ShortLimits>? limits = null,
        bool trusted = false, IEnumerable<string>? registries = null)
    {
        var named = (registries ?? [.. _names.Keys, .. _owned.OfType<FakeServer>().Select(server => server.Name), "registry.test"]).ToHashSet();
        string[] authorities = trusted ? [Authorities()] : [];
        var chosen = (limits ?? (same => same))(new());
        return Keep(new RegistryClient(new()
        {
            PlainHttp = plain ? named : [],
            SkipTlsVerification = anyCertificate ? named : [],
            CredentialsFile = credentials,
            Warn = Warnings.Add,
            Limits = new()
            {
                Patience = TimeSpan.FromMilliseconds(chosen.PatienceMilliseconds),
                Chunk = chosen.Chunk,
                SmallestChunk = chosen.SmallestChunk,
                Progress = chosen.Progress,
                DocumentTime = TimeSpan.FromMilliseconds(chosen.DocumentMilliseconds),
                HelperTime = TimeSpan.FromMilliseconds(chosen.HelperMilliseconds),
            },
            Environment = new()
            {
                Variable = name => _variables.GetValueOrDefault(name),
                ResolveAsync = (name, _) => Task.FromResult(Resolve(name)),
                ConnectAsync = ConnectAsync,
                AuthoritiesFor = _ => new(authorities),
                RunDirectory = "/nowhere",
                Proxy = Proxy,
                DelayAsync = (delay, _) =>
                {
                    Delays.Enqueue(delay);
                    return WhileWaiting();
                },
                Clock = new ShiftedClock(this),
            },
        }));
    }

    public void Dispose()
    {
        for (var index = _owned.Count - 1; index >= 0; index--) _owned[index].Dispose();
    }

    private T Keep<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private IPAddress[] Resolve(string name) =>
        Failures.TryDequeue(out var failure) ? throw new SocketException((int)failure)
        : _names.TryGetValue(name, out var address) ? [address] : throw new SocketException((int)SocketError.HostNotFound);

    private string Authorities()
    {
        var directory = Keep(new Testing.TemporaryDirectory());
        File.WriteAllText(directory["ca.crt"], Certificate.ExportCertificatePem());
        return directory.Path;
    }

    private async Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        Connections.Enqueue(endPoint);
        var target = _servers.TryGetValue(endPoint.Address, out var server) ? new(IPAddress.Loopback, server.Port) : endPoint;
        if (Refused.Contains(endPoint.Address)) throw new SocketException((int)SocketError.ConnectionRefused);
        if (!IPAddress.IsLoopback(target.Address)) throw new SocketException((int)SocketError.NetworkUnreachable);
        // A stream that takes what the client sends and ends when the client reads.
        if (Interlocked.Decrement(ref _broken) >= 0) return new MemoryStream();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        foreach (var name in (string[])["registry", "other", "cdn", "auth", "thief", "storage"]) names.AddDnsName($"{name}.test");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private sealed class ShiftedClock(FakeNetwork network) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + network.Ahead;
    }
}

/// <summary>The client's limits, shorter than the defaults, for tests to change.</summary>
public sealed record ShortLimits
{
    public int PatienceMilliseconds { get; init; } = 10_000;

    public int HelperMilliseconds { get; init; } = 10_000;

    public int DocumentMilliseconds { get; init; } = 10_000;

    public long Chunk { get; init; } = 64 << 10;

    public long SmallestChunk { get; init; } = 1 << 10;

    public long Progress { get; init; } = 1 << 20;
}

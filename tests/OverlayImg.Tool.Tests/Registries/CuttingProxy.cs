using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>Passes connections on to a server, and cuts some of them after so many bytes in one direction.</summary>
public sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly bool _cutsUploads;
    private readonly int _after;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _accepting;
    private int _left;

    /// <param name="port">Of the server.</param>
    /// <param name="cutsUploads">Whether what goes to the server is counted, or what comes from it.</param>
    /// <param name="after">The number of bytes in one connection.</param>
    /// <param name="times">How many connections are cut.</param>
    public CuttingProxy(int port, bool cutsUploads, int after, int times)
    {
        (_port, _cutsUploads, _after, _left) = (port, cutsUploads, after, times);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>How many connections were cut.</summary>
    public int Cuts { get; private set; }

    public void Dispose()
    {
        _disposed.Cancel();
        _listener.Dispose();
        _accepting.GetAwaiter().GetResult();
        _disposed.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_disposed.Token)));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(running);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var own = client;
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, _port);
        var up = PassAsync(client, server, _cutsUploads);
        var down = PassAsync(server, client, !_cutsUploads);
        await Task.WhenAny(up, down);
        // A reset, as a network that breaks down.
        foreach (var side in new[] { client, server }) side.LingerState = new LingerOption(true, 0);
        client.Close();
        server.Close();
        await Task.WhenAll(up, down);
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool isCut)
    {
        try
        {
            var buffer = new byte[16 << 10];
            for (var passed = 0; await from.GetStream().ReadAsync(buffer, _disposed.Token) is > 0 and var count; passed += count)
            {
                if (isCut && passed + count > _after && Interlocked.Decrement(ref _left) >= 0)
                {
                    Cuts++;
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _disposed.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The other direction was cut.
            return;
        }
    }
}

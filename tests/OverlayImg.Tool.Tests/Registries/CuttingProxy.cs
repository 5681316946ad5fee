using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OverlayImg.Tool.Tests.Registries;

/// <summary>A TCP proxy that resets some connections after a number of bytes in one direction.</summary>
public sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly bool _cutsUploads;
    private readonly int _after;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Task _accepting;
    private int _left;

    /// <param name="port">Port of the server on the loopback interface.</param>
    /// <param name="cutsUploads">Whether bytes to the server are counted; otherwise bytes from the server.</param>
    /// <param name="after">Number of bytes of one connection after which the connection is reset.</param>
    /// <param name="times">Number of connections that are reset.</param>
    public CuttingProxy(int port, bool cutsUploads, int after, int times)
    {
        (_port, _cutsUploads, _after, _left) = (port, cutsUploads, after, times);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Address and port at which the proxy listens.</summary>
    public string Host => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Number of connections that were reset.</summary>
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
        // A linger time of 0 makes Close send a reset, like a broken network.
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
        catch (Exception exception)
            when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection was reset because of the other direction.
            return;
        }
    }
}

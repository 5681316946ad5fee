using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OverlayImg.Testing;

/// <summary>An HTTP request that the server received.</summary>
public sealed record FakeRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>The part of the body that the server has read; null before it reads.</summary>
    public byte[]? Body { get; set; }

    public string Path => Target.Split('?')[0];

    public string Query => Target.Contains('?', StringComparison.Ordinal) ? Target[(Target.IndexOf('?', StringComparison.Ordinal) + 1)..] : "";

    public string BodyText => Encoding.UTF8.GetString(Body ?? []);

    public string? this[string header] => Headers.FirstOrDefault(one => one.Name.Equals(header, StringComparison.OrdinalIgnoreCase)).Value;

    public override string ToString() => $"{Method} {Target}";
}

/// <summary>A request and its connection, for sound and unsound responses.</summary>
public sealed class FakeExchange(FakeRequest request, Stream stream, Socket socket)
{
    private bool _isCut;
    private bool _hasBody = request["Content-Length"] is not null and not "0";

    public FakeRequest Request => request;

    /// <summary>Whether the connection can serve another request.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Reads the body, but at most <paramref name="limit"/> bytes of it.</summary>
    public async Task<byte[]> ReadBodyAsync(long limit = long.MaxValue)
    {
        if (!_hasBody) return request.Body = [];
        if (request["Expect"] is not null) await WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
        var length = long.Parse(request["Content-Length"]!, CultureInfo.InvariantCulture);
        var body = new byte[Math.Min(length, limit)];
        await stream.ReadExactlyAsync(body);
        _hasBody = limit < length;
        return request.Body = body;
    }

    /// <summary>Sends a response. Each header is a whole line.</summary>
    public async Task AnswerAsync(int status, byte[]? body = null, params string[] headers)
    {
        if (_hasBody) IsOpen = false;
        var lines = string.Concat(headers.Select(header => $"{header}\r\n"));
        var hasLength = status == 204 || headers.Any(header => header.StartsWith("Content-Length:", StringComparison.Ordinal));
        var length = hasLength ? "" : $"Content-Length: {body?.Length ?? 0}\r\n";
        await WriteAsync($"HTTP/1.1 {status} X\r\n{lines}{length}{(IsOpen ? "" : "Connection: close\r\n")}\r\n");
        if (request.Method != "HEAD" && body is not null) await WriteAsync(body);
    }

    public Task AnswerAsync(int status, string body, params string[] headers) => AnswerAsync(status, Encoding.UTF8.GetBytes(body), headers);

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes);
        await stream.FlushAsync();
    }

    /// <summary>Waits until the client closes the connection.</summary>
    public async Task WaitForEndAsync()
    {
        IsOpen = false;
        var buffer = new byte[1024];
        try
        {
            while (await stream.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset also ends the connection.
        }
    }

    /// <summary>
    /// Reads the rest of the body, as sound servers do. Closing a connection with unread data would reset it, and the
    /// client could lose the response.
    /// </summary>
    public Task DrainAsync() => _hasBody && !_isCut ? WaitForEndAsync() : Task.CompletedTask;

    /// <summary>Resets the connection at once.</summary>
    public void Cut()
    {
        (IsOpen, _isCut) = (false, true);
        socket.LingerState = new(true, 0);
        socket.Close();
    }

    /// <summary>Closes the connection after the response.</summary>
    public void Close() => IsOpen = false;
}

/// <summary>An HTTP server on loopback that records every request. The test defines the responses, down to single bytes.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA2213", Justification = "Open connections may still use it.")]
public sealed class FakeServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<FakeRequest> _requests = new();
    private readonly X509Certificate2? _certificate;
    private readonly Func<FakeExchange, Task> _answer;

    public FakeServer(Func<FakeExchange, Task> answer, X509Certificate2? certificate = null)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Host and port, in the form of a registry's name.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public IReadOnlyList<FakeRequest> Requests => [.. _requests];

    /// <summary>Method and target of each request. A TLS handshake with a server without TLS is no request.</summary>
    public IEnumerable<string> Lines => _requests.Select(request => request.ToString());

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested) _ = ServeAsync(await _listener.AcceptSocketAsync(_end.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has disposed of the server.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var plain = new NetworkStream(socket, ownsSocket: true);
            Stream stream = plain;
            if (_certificate is not null)
            {
                var tls = new SslStream(plain);
                await tls.AuthenticateAsServerAsync(_certificate);
                stream = tls;
            }

            while (await ReadHeadAsync(stream) is { } request)
            {
                _requests.Enqueue(request);
                var exchange = new FakeExchange(request, stream, socket);
                await _answer(exchange);
                await exchange.DrainAsync();
                if (!exchange.IsOpen) break;
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client has closed the connection, or speaks another protocol.
        }
    }

    // Returns null at the end of the connection, and for bytes that are not HTTP, such as TLS.
    private async Task<FakeRequest?> ReadHeadAsync(Stream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0) return null;
            head.Add(one[0]);
            if (head[0] == 0x16) return null;
        }

        var lines = Encoding.UTF8.GetString([.. head]).TrimEnd().Split("\r\n");
        var words = lines[0].Split(' ');
        return new(words[0], words[1], [.. lines[1..].Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts[1].Trim()))]);
    }
}

using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Transport;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class RegistryRetryTests : IDisposable
{
    private readonly FakeNetwork _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Transient_errors_are_retried_with_growing_delays(int status)
    {
        var server = Failing(3, exchange => exchange.AnswerAsync(status));
        await _network.Client().GetManifestAsync(Image(server), default);
        Assert.Equal(4, server.Requests.Count);
        Assert.Collection(_network.Delays,
            delay => Assert.InRange(delay.TotalSeconds, 0.75, 1.25), delay => Assert.InRange(delay.TotalSeconds, 1.5, 2.5),
            delay => Assert.InRange(delay.TotalSeconds, 3, 5));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(501)]
    public async Task Other_errors_are_final(int status)
    {
        var server = Failing(9, exchange => exchange.AnswerAsync(status));
        await Assert.ThrowsAnyAsync<OverlayImgException>(() => _network.Client().GetManifestAsync(Image(server), default));
        Assert.Single(server.Requests);
        Assert.Empty(_network.Delays);
    }

    [Fact]
    public async Task A_broken_connection_is_retried()
    {
        var server = Failing(3, exchange =>
        {
            exchange.Cut();
            return Task.CompletedTask;
        });
        await _network.Client().GetManifestAsync(Image(server), default);
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("within")]
    [InlineData("by turns")]
    public async Task A_server_that_breaks_connections_gets_four_requests(string where)
    {
        // The limit of attempts is the same whether the connection breaks before the response, within it, or alternately.
        var isBefore = where == "before";
        var server = _network.Local(async exchange =>
        {
            if (where == "by turns") isBefore = !isBefore;
            if (!isBefore) await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{");
            if (isBefore) exchange.Cut();
            else exchange.Close();
        });
        await Assert.ThrowsAsync<LostConnectionException>(() => _network.Client().GetManifestAsync(Image(server), default));
        Assert.Equal((4, 3), (server.Requests.Count, _network.Delays.Count));
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("upload")]
    public async Task A_transfer_survives_a_restart_of_the_registry(string what)
    {
        var (registry, bytes, isFirst) = (new FakeRegistry(), new byte[300_000], true);
        new Random(1).NextBytes(bytes);
        var blob = registry.Add("a", bytes);
        var address = System.Net.IPAddress.Parse("203.0.113.1");
        _network.Host("registry.test", "203.0.113.1", async exchange =>
        {
            if (exchange.Request.Method is not ("GET" or "PUT") || !isFirst)
            {
                await registry.AnswerAsync(exchange);
                return;
            }

            isFirst = false;
            _network.Refused.Add(address);
            if (exchange.Request.Method == "PUT") registry.Uploads["1"] = await exchange.ReadBodyAsync(100_000);
            else await exchange.WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {bytes.Length}\r\n\r\n");
            if (exchange.Request.Method == "GET") await exchange.WriteAsync(bytes.AsMemory(0, 100_000));
            exchange.Close();
            if (exchange.Request.Method == "PUT") exchange.Cut();
        });
        _network.WhileWaiting = () =>
        {
            // First the name does not resolve, then the connection is refused.
            if (_network.Delays.Count == 1) _network.Failures.Enqueue(System.Net.Sockets.SocketError.HostNotFound);
            if (_network.Delays.Count == 4) _network.Refused.Clear();
            return Task.CompletedTask;
        };
        var (client, image) = (_network.Client(plain: true), RegistryReference.Parse("registry.test/a"));
        if (what == "blob") Assert.Equal(bytes, await client.ReadBlobAsync(image, blob, 1 << 20, default));
        else
        {
            await client.UploadBlobAsync(
                RegistryReference.Parse("registry.test/b"), blob, from => new MemoryStream(bytes[(int)from..]), null, default);
        }

        Assert.Equal(4, _network.Delays.Count);
        Assert.Equal(bytes, registry.Blobs[$"{(what == "blob" ? "a" : "b")}@{blob.Digest}"]);
    }

    [Fact]
    public async Task A_transient_failure_of_name_resolution_is_retried()
    {
        var registry = new FakeRegistry();
        registry.AddImage("a", "1");
        _network.Host("registry.test", "203.0.113.1", registry.AnswerAsync);
        foreach (var failure in Enumerable.Repeat(System.Net.Sockets.SocketError.TryAgain, 3)) _network.Failures.Enqueue(failure);
        await _network.Client(plain: true).GetManifestAsync(RegistryReference.Parse("registry.test/a:1"), default);
        Assert.Equal(3, _network.Delays.Count);
    }

    [Fact]
    public async Task Retry_After_determines_the_delay()
    {
        var date = (DateTimeOffset.UtcNow + TimeSpan.FromSeconds(30)).ToString("r");
        var answers = new Queue<string>(["17", date, "0"]);
        var server = Failing(3, exchange => exchange.AnswerAsync(429, [], $"Retry-After: {answers.Dequeue()}"));
        await _network.Client().GetManifestAsync(Image(server), default);
        Assert.Collection(_network.Delays, delay => Assert.Equal(17, delay.TotalSeconds),
            delay => Assert.InRange(delay.TotalSeconds, 20, 30), delay => Assert.InRange(delay.TotalSeconds, 3, 5));
    }

    [Fact]
    public async Task A_long_Retry_After_is_an_error_that_explains_the_rate_limit()
    {
        var server = Failing(9, exchange => exchange.AnswerAsync(429, [], "Retry-After: 7200", "ratelimit-limit: 100;w=21600",
            "ratelimit-remaining: 0;w=21600"));
        var error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(Image(server), default));
        Assert.Equal($"{server.Name} limits the number of requests: 0 of 100 requests are left for each 6 hours. "
            + $"Wait 7200 s, or log in with 'docker login {server.Name}': the limit for logged-in users is higher.", error.Describe());
        Assert.Single(server.Requests);
        Assert.Empty(_network.Delays);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("120", 120)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 37)]
    public void Retry_After_is_seconds_or_a_date(string? header, int? seconds) =>
        Assert.Equal(seconds, Retrying.RetryAfter(header, new(1994, 11, 6, 8, 49, 0, TimeSpan.Zero))?.TotalSeconds);

    [Fact]
    public async Task An_unknown_host_and_a_refused_connection_are_reported()
    {
        var error = await Assert.ThrowsAsync<MachineException>(() =>
            _network.Client().GetManifestAsync(RegistryReference.Parse("nowhere.test/a"), default));
        Assert.Contains("There is no host nowhere.test", error.Describe(), StringComparison.Ordinal);
        var closed = _network.Local(_ => Task.CompletedTask);
        var image = Image(closed);
        closed.Dispose();
        error = await Assert.ThrowsAsync<MachineException>(() => _network.Client().GetManifestAsync(image, default));
        Assert.Contains("can't be reached: Connection refused", error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_user_can_cancel_a_request()
    {
        using var enough = new CancellationTokenSource();
        var server = _network.Local(async exchange =>
        {
            await enough.CancelAsync();
            await exchange.WaitForEndAsync();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _network.Client().GetManifestAsync(Image(server), enough.Token));
    }

    private static RegistryReference Image(FakeServer server) => RegistryReference.Parse($"{server.Name}/a:1");

    private FakeServer Failing(int times, Func<FakeExchange, Task> fail)
    {
        var registry = new FakeRegistry();
        registry.AddImage("a", "1");
        return _network.Local(exchange => Interlocked.Decrement(ref times) >= 0 ? fail(exchange) : registry.AnswerAsync(exchange));
    }
}

using OverlayImg.Caching;
using OverlayImg.Images.Sessions;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Sessions;

/// <summary>A session creates its resources at the first use. The session's lifetime closes each resource once, in reverse order.</summary>
public sealed class SessionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_lifetime_closes_all_resources_in_reverse_order_even_if_some_fail()
    {
        var closed = new List<int>();
        var lifetime = new Lifetime();
        foreach (var number in new[] { 1, 2, 3 }) lifetime.Own(new Resource(() => Close(number)));
        Assert.Equal("2", Assert.Throws<IOException>(lifetime.Dispose).Message);
        Assert.Equal([3, 2, 1], closed);
        lifetime.Dispose();
        Assert.Equal([3, 2, 1], closed);

        void Close(int number)
        {
            closed.Add(number);
            if (number == 2) throw new IOException("2");
        }
    }

    [Fact]
    public void Several_failures_become_one_exception()
    {
        var lifetime = new Lifetime();
        foreach (var number in new[] { 1, 2 }) lifetime.Own(new Resource(() => throw new IOException($"{number}")));
        Assert.Equal(["2", "1"], Assert.Throws<AggregateException>(lifetime.Dispose).InnerExceptions.Select(failure => failure.Message));
    }

    [Fact]
    public void A_resource_added_after_the_end_is_closed_and_refused()
    {
        var isClosed = false;
        var lifetime = new Lifetime();
        lifetime.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lifetime.Own(new Resource(() => isClosed = true)));
        Assert.True(isClosed);
    }

    [Fact]
    public void Copies_of_a_session_share_one_scratch_directory_that_is_removed_with_the_lifetime()
    {
        var lifetime = new Lifetime();
        var session = TestSession.Of(lifetime, _directory["cache"]);
        var copy = session with { CancellationToken = new(canceled: true) };
        Assert.False(Directory.Exists(_directory["cache"]));
        var scratch = copy.Scratch.Path;
        Assert.Equal(scratch, session.Scratch.Path);
        Assert.True(Directory.Exists(scratch));
        lifetime.Dispose();
        Assert.False(Directory.Exists(scratch));
    }

    private sealed class Resource(Action close) : IDisposable
    {
        public void Dispose() => close();
    }
}

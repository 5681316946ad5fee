namespace OverlayImg.Images;

/// <summary>Ends a request that stands still: the first answer, and every so many bytes after it, must come in time.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly RegistryLimits _limits;
    private readonly CancellationToken _user;
    private readonly CancellationTokenSource _source;
    private int _moved;

    public StallWatch(RegistryLimits limits, CancellationToken user)
    {
        (_limits, _user) = (limits, user);
        _source = CancellationTokenSource.CreateLinkedTokenSource(user);
        _source.CancelAfter(limits.Patience);
    }

    /// <summary>Ends when the request stands still, or when the user has enough.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it stood still.</summary>
    public bool IsStalled => _source.IsCancellationRequested && !_user.IsCancellationRequested;

    /// <summary>Bytes came or went.</summary>
    public void Moved(int bytes)
    {
        _moved += bytes;
        if (_moved < _limits.LeastMove) return;
        _moved = 0;
        Restart();
    }

    /// <summary>Begins to wait anew.</summary>
    public void Restart() => _source.CancelAfter(_limits.Patience);

    /// <summary>All went; the registry reads so many bytes again now.</summary>
    public void AwaitCommit(long bytes) => _source.CancelAfter(_limits.Patience + TimeSpan.FromSeconds(bytes / _limits.CommitRate));

    public void Dispose() => _source.Dispose();
}

using System.Runtime.ExceptionServices;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Sessions;

/// <summary>
/// The one owner of everything that is opened during an operation: files, archives, entries of the cache, temporary directories. Disposing of the lifetime
/// disposes of all of them, the last one first. Thread-safe.
/// </summary>
public sealed class Lifetime : IDisposable
{
    private readonly Lock _lock = new();
    private Stack<IDisposable>? _owned = new();

    /// <summary>Takes <paramref name="resource"/> over.</summary>
    /// <returns>The resource. It is valid until the lifetime ends.</returns>
    /// <exception cref="ObjectDisposedException">The lifetime has ended. The resource is disposed of.</exception>
    public T Own<T>(T resource) where T : IDisposable
    {
        lock (_lock)
        {
            if (_owned is not null)
            {
                _owned.Push(resource);
                return resource;
            }
        }

        resource.Dispose();
        throw new ObjectDisposedException(nameof(Lifetime));
    }

    /// <summary>
    /// Refuses inputs that were written to since they were opened. To be asked for before a result appears: layers are verified before scripts run, and read
    /// again when they are written.
    /// </summary>
    /// <exception cref="InputException">One was.</exception>
    internal void RequireUnchanged()
    {
        IDisposable[] owned;
        lock (_lock) owned = [.. _owned ?? []];
        foreach (var resource in owned)
        {
            if (resource is ImageSource image) image.RequireUnchanged();
            else if (resource is ByteSource file) file.RequireUnchanged();
        }
    }

    /// <inheritdoc/>
    /// <remarks>A resource that fails to close keeps no other from being closed. Its exception comes out at the end; several come out as one.</remarks>
    public void Dispose()
    {
        Stack<IDisposable>? owned;
        lock (_lock) (owned, _owned) = (_owned, null);
        List<Exception> failures = [];
        foreach (var resource in owned ?? [])
        {
            try
            {
                resource.Dispose();
            }
            catch (Exception exception)
            {
                failures.Add(exception);
            }
        }

        if (failures is [var alone]) ExceptionDispatchInfo.Throw(alone);
        if (failures.Count > 0) throw new AggregateException(failures);
    }
}

using System.Runtime.ExceptionServices;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Sessions;

/// <summary>
/// The owner of all resources that an operation opens: files, archives, entries of the cache, temporary directories.
/// Disposing of the lifetime disposes of the resources in reverse order. Thread-safe.
/// </summary>
public sealed class Lifetime : IDisposable
{
    private readonly Lock _lock = new();
    private Stack<IDisposable>? _owned = new();

    /// <summary>Takes ownership of <paramref name="resource"/>.</summary>
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
    /// Throws if an input file changed since it was opened. Callers check this before they publish a result, because
    /// layers are verified before scripts run and read again when the result is written.
    /// </summary>
    /// <exception cref="InputException">An input file changed.</exception>
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
    /// <remarks>
    /// All resources are disposed of even if one of them throws. The exception, or an <see cref="AggregateException"/>
    /// of several, is thrown at the end.
    /// </remarks>
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

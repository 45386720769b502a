import { environment } from '../environments/environment';

@Injectable({ providedIn: 'root' })
export class NewsService {
  private readonly headers = new HttpHeaders({ Authorization: `Bearer ${environment.cms.token}` });

  news() {
    return this.http.get(`${environment.cms.url}/items/news`, { headers: this.headers });
  }
}
